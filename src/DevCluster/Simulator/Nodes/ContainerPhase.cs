namespace DevCluster.Simulator.Nodes;

/// <summary>Where a container is in its life.</summary>
internal enum ContainerPhase
{
    Waiting,
    Running,
    Terminated,
}
