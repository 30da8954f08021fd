using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// Finds out from the caches what policies must know of the cluster. The result is remembered until an object that it depends on changes.
/// </summary>
internal sealed class ClusterObserver
{
    private static readonly ObjectKey ApiServer = new(ApiServerSlice.Namespace, ApiServerSlice.Service);

    private readonly ClusterCaches _caches;
    private readonly PlatformOptions _options;
    private readonly Memo<ClusterFacts> _facts;

    public ClusterObserver(ClusterCaches caches, PlatformOptions options)
    {
        (_caches, _options, _facts) = (caches, options, new Memo<ClusterFacts>(Build));
        caches.Nodes.AddHandler(change => ForgetIf(!Equals(change.Old, change.New)));
        caches.DaemonSets.AddHandler(change => ForgetIf(!Equals(change.Old, change.New)));
        caches.Services.AddHandler(change => ForgetIf(change.Key.Namespace == options.Dns.Namespace || change.Key == ApiServer));
        caches.ServiceCidrs.AddHandler(change => ForgetIf(!Equals(change.Old, change.New)));
        caches.ApiServers.AddHandler(change => ForgetIf(!Equals(change.Old, change.New)));
    }

    public ClusterFacts Observe() => _facts.Get();

    private void ForgetIf(bool isChanged)
    {
        if (isChanged)
        {
            _facts.Forget();
        }
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<string> values) => [.. values.Distinct().Order(StringComparer.Ordinal)];

    private ClusterFacts Build()
    {
        var nodes = _caches.Nodes.Store.List();
        return new ClusterFacts
        {
            NodeAddresses = Sorted(nodes.SelectMany(node => node.AddressList)),
            PodRanges = Sorted(nodes.SelectMany(node => node.PodRangeList)),
            ServiceRanges = Sorted(_caches.ServiceCidrs.Store.List().SelectMany(range => range.CidrList)),
            DnsServiceAddresses = Sorted(_caches.Services.Store.List().Where(IsDns).SelectMany(service => service.ClusterAddresses)),
            ApiServer = [.. ApiServerAddresses().Distinct().OrderBy(way => way.Port).ThenBy(way => way.Address, StringComparer.Ordinal)],
            Regions = Sorted(nodes.Select(node => node.Label(_options.Regions.Label)).OfType<string>()),
            NetworkRevision = string.Join('\n', Sorted(nodes.Select(node => node.Network).Concat(_caches.DaemonSets.Store.List().Select(set => set.Agent)))),
            IsSimulated = nodes.Count > 0 && nodes.All(node => node.IsSimulated),
        };
    }

    private IEnumerable<ApiServerAddress> ApiServerAddresses()
    {
        var endpoints = _caches.ApiServers.Store.List().SelectMany(slice => slice.Addresses);
        return _caches.Services.Store.Get(ApiServer) is { } service
            ? endpoints.Concat(service.ClusterAddresses.SelectMany(address => service.Ports.Select(port => new ApiServerAddress(address, port))))
            : endpoints;
    }

    private bool IsDns(ServiceState service) =>
        service.Live.Key.Namespace == _options.Dns.Namespace
        && _options.Dns.PodLabels.All(label => service.Selector.TryGetValue(label.Key, out var value) && value == label.Value);
}

/// <summary>
/// A value that is built once and kept until it is forgotten. What is forgotten while it is being built is built again at the next look:
/// the build may not have seen the change.
/// </summary>
internal sealed class Memo<T>(Func<T> build)
    where T : class
{
    private sealed record Entry(long Version, T Value);

    private long _version;
    private volatile Entry? _entry;

    public T Get()
    {
        // Read before the build: a change from here on makes what is built now outdated.
        var version = Interlocked.Read(ref _version);
        if (_entry is { } entry && entry.Version == version)
        {
            return entry.Value;
        }

        var built = new Entry(version, build());
        _entry = built;
        return built.Value;
    }

    public void Forget() => Interlocked.Increment(ref _version);
}
