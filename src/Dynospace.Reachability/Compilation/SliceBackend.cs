using System.Collections.Immutable;
using System.Net;

namespace Dynospace.Reachability.Compilation;

/// <summary>One endpoint of a slice; <paramref name="Pod"/> where it names one.</summary>
internal sealed record SliceBackend(PodEndpoint? Pod, ImmutableArray<IPAddress> Addresses);
