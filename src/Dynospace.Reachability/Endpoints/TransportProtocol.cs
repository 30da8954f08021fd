namespace Dynospace.Reachability;

/// <summary>The protocols that a NetworkPolicy can tell apart.</summary>
public enum TransportProtocol
{
    /// <summary>TCP, the default of every port in the Kubernetes API.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>SCTP.</summary>
    Sctp,
}
