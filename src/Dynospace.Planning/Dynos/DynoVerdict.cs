using Dynospace.Api;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Dynos;

/// <summary>What a dyno does and why.</summary>
internal sealed record DynoVerdict(DynoState State, Reason Reason, string Message);
