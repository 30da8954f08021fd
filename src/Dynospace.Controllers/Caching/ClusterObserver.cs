using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>Finds out from the caches what policies need to know of the cluster; remembered until a node, a network agent or a DNS Service changes.</summary>
internal sealed class ClusterObserver
{
    private static readonly ObjectKey ApiServer = new(ApiServerSlice.Namespace, ApiServerSlice.Service);

    private readonly ClusterCaches _caches;
    private readonly PlatformOptions _options;
    private readonly IReadOnlyList<string> _serviceRanges;
    private volatile ClusterFacts? _facts;

    public ClusterObserver(ClusterCaches caches, PlatformOptions options, IReadOnlyList<string> serviceRanges)
    {
        (_caches, _options, _serviceRanges) = (caches, options, serviceRanges);
        caches.Nodes.AddHandler(change => Forget(!Equals(change.Old, change.New)));
        caches.DaemonSets.AddHandler(change => Forget(!Equals(change.Old, change.New)));
        caches.Services.AddHandler(change => Forget(change.Key.Namespace == options.Dns.Namespace || change.Key == ApiServer));
        caches.Routers.ApiServers.AddHandler(_ => Forget(changed: true));
    }

    public ClusterFacts Observe() => _facts ??= Build();

    private static IReadOnlyList<string> Sorted(IEnumerable<string> values) => [.. values.Distinct().Order(StringComparer.Ordinal)];

    private void Forget(bool changed)
    {
        if (changed)
        {
            _facts = null;
        }
    }

    private ClusterFacts Build()
    {
        var nodes = _caches.Nodes.Store.List();
        return new ClusterFacts
        {
            NodeAddresses = Sorted(nodes.SelectMany(node => node.AddressList)),
            PodRanges = Sorted(nodes.SelectMany(node => node.PodRangeList)),
            ServiceRanges = _serviceRanges,
            DnsServiceAddresses = Sorted(_caches.Services.Store.List().Where(IsDns).SelectMany(service => service.ClusterAddresses)),
            ApiServer = [.. ApiServerAddresses().Distinct().OrderBy(way => way.Port).ThenBy(way => way.Address, StringComparer.Ordinal)],
            Regions = Sorted(nodes.Select(node => node.Label(_options.Regions.Label)).OfType<string>()),
            NetworkRevision = string.Join('\n', Sorted(nodes.Select(node => node.Network).Concat(_caches.DaemonSets.Store.List().Select(set => set.Agent)))),
            IsSimulated = nodes.Count > 0 && nodes.All(node => node.IsSimulated),
        };
    }

    private IEnumerable<ApiServerAddress> ApiServerAddresses()
    {
        var endpoints = _caches.Routers.ApiServers.Store.List().SelectMany(slice => slice.Addresses);
        return _caches.Services.Store.Get(ApiServer) is { } service
            ? endpoints.Concat(service.ClusterAddresses.SelectMany(address => service.Ports.Select(port => new ApiServerAddress(address, port))))
            : endpoints;
    }

    private bool IsDns(ServiceState service) =>
        service.Live.Key.Namespace == _options.Dns.Namespace
        && _options.Dns.PodLabels.All(label => service.Selector.TryGetValue(label.Key, out var value) && value == label.Value);
}
