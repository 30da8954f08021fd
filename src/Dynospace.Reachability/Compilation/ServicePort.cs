namespace Dynospace.Reachability.Compilation;

/// <summary>A port of a service and what it is mapped to: a number, or the name of a pod's port.</summary>
internal sealed record ServicePort(string Name, TransportPort Port, int TargetNumber, string? TargetName)
{
    /// <summary>The port on this pod; null where the pod has none of the name.</summary>
    public TransportPort? On(CompiledPod pod) => TargetName is null
        ? new TransportPort(Port.Protocol, TargetNumber)
        : pod.NamedPorts.FirstOrDefault(named => named.Name == TargetName && named.Port.Protocol == Port.Protocol)?.Port;
}
