namespace Dynospace.Reachability.Compilation;

/// <summary>A pod and how it looks to the network.</summary>
internal sealed record SnapshotPod(CompiledPod Pod, NetworkEnd End);
