using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// Collects from the caches the facts of the cluster that policies depend on. The result is kept until an object that
/// it depends on changes.
/// </summary>
public sealed class ClusterObserver
{
    private static readonly ObjectKey ApiServer = new(ApiServerSlice.Namespace, ApiServerSlice.Service);

    private const string NodeLocalNamespace = "kube-system";

    private const string NodeLocalLabel = "k8s-app";

    private const string NodeLocalValue = "node-local-dns";

    private const int DnsPort = 53;

    private readonly ClusterCaches _caches;
    private readonly PlatformOptions _options;
    private readonly Memo<ClusterFacts> _facts;
    private readonly IReadOnlySet<string> _dnsNamespaces;
    private readonly HashSet<string> _learnt = new(StringComparer.Ordinal);

    /// <summary>
    /// The addresses known to be the cluster's; null before the first observation, which includes everything.
    /// </summary>
    private volatile AddressCover? _cover;

    public ClusterObserver(ClusterCaches caches, PlatformOptions options)
    {
        (_caches, _options, _facts) = (caches, options, new Memo<ClusterFacts>(Build));
        _dnsNamespaces = ClusterDns.NamespacesFor(options.Dns);
        caches.Nodes.AddHandler(change => ForgetIf(!Equals(change.Old, change.New)));
        caches.DaemonSets.AddHandler(change => ForgetIf(!Equals(change.Old, change.New)));
        caches.Services.AddHandler(
            change => ForgetIf(IsOfDns(change.Key) || change.Key == ApiServer || IsNews(change.New)));
        caches.Pods.AddHandler(change => ForgetIf(IsNews(change.New)));
        caches.ServiceCidrs.AddHandler(change => ForgetIf(!Equals(change.Old, change.New)));
        caches.NodeNetworks.AddHandler(change => ForgetIf(change.Old?.Block != change.New?.Block));
        caches.ApiServers.AddHandler(change => ForgetIf(!Equals(change.Old, change.New)));
    }

    public ClusterFacts Observe() => _facts.Get();

    /// <summary>Whether a pod has an address outside all ranges that are known to be the cluster's.</summary>
    public bool IsNews(PodFacts? pod) =>
        pod is { IsInHostNetwork: false, HasEnded: false }
        && _cover is { } cover
        && !pod.Addresses.All(cover.Holds);

    /// <inheritdoc cref="IsNews(PodFacts?)"/>
    public bool IsNews(ServiceState? service) =>
        service is not null && _cover is { } cover && !service.ClusterAddresses.All(cover.Holds);

    /// <summary>Whether a Service may be the cluster's DNS.</summary>
    public bool IsOfDns(ObjectKey service) => service.Namespace is { } ns && _dnsNamespaces.Contains(ns);

    private string? BlockOf(string node) => _caches.NodeNetworks.Store.Get(ObjectKey.ClusterScoped(node))?.Block;

    private void ForgetIf(bool isChanged)
    {
        if (isChanged)
        {
            _facts.Forget();
        }
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<string> values) =>
        [.. values.Distinct().Order(StringComparer.Ordinal)];

    private ClusterFacts Build()
    {
        var nodes = _caches.Nodes.Store.List();
        var dns = ClusterDns.Find(
            _caches.Services.Store.List().Where(service => IsOfDns(service.Live.Key)).Select(DnsServiceOf),
            _options.Dns);
        var servers = dns.Servers.Concat(LocalRedirects()).ToList();
        var facts = new ClusterFacts
        {
            NodeAddresses = Sorted(nodes.SelectMany(node => node.AddressList)),
            PodRanges = Sorted(nodes.SelectMany(node => node.PodRangeList)),
            ServiceRanges = Sorted(_caches.ServiceCidrs.Store.List().SelectMany(range => range.CidrList)),
            DnsServiceAddresses = Sorted(
                dns.Addresses.Concat(_caches.DaemonSets.Store.List().SelectMany(set => set.DnsAddressList))),
            DnsServers = servers,
            IsDnsMissing = dns.Servers.Count == 0,
            ApiServer =
            [
                .. ApiServerAddresses().Distinct()
                    .OrderBy(way => way.Port)
                    .ThenBy(way => way.Address, StringComparer.Ordinal),
            ],
            IsApiServerUnknown = _caches.ApiServers.Store.List().All(slice => slice.Addresses.Count == 0),
            Unusable = Sorted(nodes.SelectMany(UnusableOf)),
            Regions = Sorted(nodes.Select(node => node.Label(_options.Regions.Label)).OfType<string>()),
            NetworkRevision = string.Join(
                '\n',
                Sorted(
                    nodes.Select(node => node.Network)
                        .Concat(_caches.DaemonSets.Store.List().Select(set => set.Agent)))),
            IsSimulated = nodes.Count > 0 && nodes.All(node => node.IsSimulated),
            HasDynoNetwork = nodes.Count > 0 && nodes.All(node => BlockOf(node.Name) is not null),
        };
        return facts with { LearntRanges = Learn(facts) };
    }

    /// <summary>
    /// The networks of pods and Services that no other source names. Learned networks stay until the process ends: the
    /// next pod gets an address of the same network, and policies must not be rewritten each time the last pod goes.
    /// </summary>
    private IReadOnlyList<string> Learn(ClusterFacts facts)
    {
        string[] known =
        [
            .. facts.PodRanges,
            .. facts.ServiceRanges,
            .. facts.NodeAddresses,
            .. _options.Cluster.Ranges,
        ];
        var cover = AddressCover.FromRanges(known);
        var addresses = _caches.Pods.Store.List()
            .Where(pod => pod is { IsInHostNetwork: false, HasEnded: false })
            .SelectMany(pod => pod.Addresses)
            .Concat(_caches.Services.Store.List().SelectMany(service => service.ClusterAddresses));
        lock (_learnt)
        {
            _learnt.UnionWith(addresses.Select(cover.Learn).OfType<string>());
            IReadOnlyList<string> learnt = Sorted(_learnt.Where(range => !cover.Holds(range)));
            _cover = AddressCover.FromRanges(known.Concat(learnt));
            return learnt;
        }
    }

    private static IEnumerable<string> UnusableOf(NodeState node)
    {
        var addresses = node.AddressList.ToList();
        return addresses.Count == 0
            ? [$"node {node.Name} (no address)"]
            : addresses.Concat(node.PodRangeList)
                .Where(address => !AddressCover.IsUsable(address))
                .Select(address => $"node {node.Name} ({address})");
    }

    private static DnsService DnsServiceOf(ServiceState service) => new(
        service.Live.Key.Namespace!,
        service.Live.Key.Name,
        service.Selector,
        service.ClusterAddresses,
        service.DnsTargetPorts);

    /// <summary>
    /// If Cilium redirects requests to a node-local cache, that cache is an ordinary pod to a policy.
    /// </summary>
    private IEnumerable<DnsServer> LocalRedirects() =>
        _caches.Pods.Store.ByIndex(Indexes.Namespace, NodeLocalNamespace).Any(IsLocalCache)
            ? [new(NodeLocalNamespace, new Dictionary<string, string> { [NodeLocalLabel] = NodeLocalValue }, [DnsPort])]
            : [];

    private static bool IsLocalCache(PodFacts pod) =>
        !pod.IsInHostNetwork && pod.Labels.TryGetValue(NodeLocalLabel, out var value) && value == NodeLocalValue;

    private IEnumerable<ApiServerAddress> ApiServerAddresses()
    {
        var endpoints = _caches.ApiServers.Store.List().SelectMany(slice => slice.Addresses);
        return _caches.Services.Store.Get(ApiServer) is { } service
            ? endpoints.Concat(
                service.ClusterAddresses.SelectMany(
                    address => service.Ports.Select(port => new ApiServerAddress(address, port))))
            : endpoints;
    }
}

/// <summary>
/// A value that is built once and kept until it is invalidated. If it is invalidated while being built, it is built
/// again at the next read: the build may have missed the change.
/// </summary>
public sealed class Memo<T>(Func<T> build)
    where T : class
{
    private sealed record Entry(long Version, T Value);

    private long _version;
    private volatile Entry? _entry;

    public T Get()
    {
        // Read before the build: a change after this point makes the value outdated.
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
