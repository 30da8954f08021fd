using System.Net;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Snapshots;

namespace Dynospace.Reachability.Evaluation;

/// <summary>Looks endpoints up in a snapshot.</summary>
internal sealed class EndpointResolver(SnapshotContent content)
{
    /// <summary>
    /// The service that a connection goes to, with the service's own port: the endpoint is one, or the address and port
    /// are one's, or the port of a node stands for it. An address that others have too is translated on the service's
    /// ports alone.
    /// </summary>
    public TranslatedService? FindService(Endpoint endpoint, TransportPort port)
    {
        if (endpoint is ServiceEndpoint named)
        {
            return new(
                content.Services.GetValueOrDefault(named) ?? throw new EndpointNotFoundException(named), port, null);
        }

        if (endpoint is AddressEndpoint { Address: var given }
            && Plain(given) is var address
            && content.ServicesByAddress.TryGetValue(address, out var services))
        {
            var service = services.FirstOrDefault(candidate => candidate.Ports.Any(listening => listening.Port == port))
                ?? services.FirstOrDefault(candidate => candidate.ClusterAddresses.Contains(address));
            if (service is not null)
            {
                return new(service, port, null);
            }
        }

        return NodeOf(endpoint) is { } node && content.ServicesByNodePort.TryGetValue(port, out var behind)
            ? new(
                behind, behind.Ports.First(listening => listening.NodePort == port).Port, behind.IsLocal ? node : null)
            : null;
    }

    /// <summary>The pod behind a port of its node.</summary>
    public HostPort? FindHostPort(Endpoint endpoint, TransportPort port) =>
        NodeOf(endpoint) is { } node ? content.HostPorts.GetValueOrDefault((node, port)) : null;

    private string? NodeOf(Endpoint endpoint) => endpoint switch
    {
        NodeEndpoint node => node.Name,
        AddressEndpoint address
            when content.EndsByAddress.TryGetValue(Plain(address.Address), out var end) && end.IsNode => end.NodeName,
        _ => null,
    };

    public NetworkEnd Resolve(Endpoint endpoint) => endpoint switch
    {
        PodEndpoint pod =>
            content.Pods.TryGetValue(pod, out var found) ? found.End : throw new EndpointNotFoundException(pod),
        NodeEndpoint node => content.Nodes.GetValueOrDefault(node.Name) ?? throw new EndpointNotFoundException(node),
        AddressEndpoint address => Resolve(Plain(address.Address)),
        _ => throw new ArgumentException(
            "a service opens no connections; name one of its pods as the source", nameof(endpoint)),
    };

    /// <summary>Who has the address uses this one of its addresses.</summary>
    public NetworkEnd Resolve(IPAddress address) => content.EndsByAddress.TryGetValue(address, out var end)
        ? end with { Display = $"{end.Display} ({address})", Addresses = [AddressCandidate.Known(address)] }
        : new NetworkEnd(address.ToString(), null, null, IsNode: false, [AddressCandidate.Known(address)]);

    // Every look-up table holds IPv4 addresses in IPv4 form.
    private static IPAddress Plain(IPAddress address) => NumericAddress.From(address).ToIPAddress();
}

/// <summary>A service that a connection is translated to.</summary>
/// <param name="Service">The service.</param>
/// <param name="Port">The service's own port.</param>
/// <param name="Node">The node whose backends alone count; null for all.</param>
internal sealed record TranslatedService(CompiledService Service, TransportPort Port, string? Node);
