using Dynospace.Reachability.Compilation;

namespace Dynospace.Reachability.Evaluation;

/// <summary>Where a connection to a service goes.</summary>
internal sealed record Backend(NetworkEnd End, TransportPort Port);
