using System.Net;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Snapshots;

namespace Dynospace.Reachability.Evaluation;

/// <summary>Looks endpoints up in a snapshot.</summary>
internal sealed class EndpointResolver(SnapshotContent content)
{
    /// <summary>The service, where the endpoint is one or has the address of one.</summary>
    public CompiledService? FindService(Endpoint endpoint) => endpoint switch
    {
        ServiceEndpoint service => content.Services.GetValueOrDefault(service) ?? throw new EndpointNotFoundException(service),
        AddressEndpoint address => content.ServicesByAddress.GetValueOrDefault(Plain(address.Address)),
        _ => null,
    };

    public NetworkEnd Resolve(Endpoint endpoint) => endpoint switch
    {
        PodEndpoint pod => content.Pods.TryGetValue(pod, out var found) ? found.End : throw new EndpointNotFoundException(pod),
        NodeEndpoint node => content.Nodes.GetValueOrDefault(node.Name) ?? throw new EndpointNotFoundException(node),
        AddressEndpoint address => Resolve(Plain(address.Address)),
        _ => throw new ArgumentException("a service opens no connections; name one of its pods as the source", nameof(endpoint)),
    };

    /// <summary>Who has the address uses this one of its addresses.</summary>
    public NetworkEnd Resolve(IPAddress address) => content.EndsByAddress.TryGetValue(address, out var end)
        ? end with { Display = $"{end.Display} ({address})", Addresses = [AddressCandidate.Known(address)] }
        : new NetworkEnd(address.ToString(), null, null, IsNode: false, [AddressCandidate.Known(address)]);

    // Every look-up table holds IPv4 addresses in IPv4 form.
    private static IPAddress Plain(IPAddress address) => NumericAddress.From(address).ToIPAddress();
}
