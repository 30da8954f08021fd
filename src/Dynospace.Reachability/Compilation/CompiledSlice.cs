using System.Collections.Immutable;

namespace Dynospace.Reachability.Compilation;

/// <summary>An EndpointSlice: addresses that all serve the same ports.</summary>
internal sealed record CompiledSlice(ImmutableArray<SlicePort> Ports, ImmutableArray<SliceBackend> Backends);
