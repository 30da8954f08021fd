using System.Net;

namespace Dynospace.Reachability;

/// <summary>An address: the pod, node or service of the snapshot that has it, else something outside the cluster.</summary>
public sealed record AddressEndpoint(IPAddress Address) : Endpoint
{
    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}
