using Dynospace.Api.Spaces;
using Dynospace.Router.Routing;
using Dynospace.Runtime;

namespace Dynospace.Router.Cluster;

/// <summary>
/// Makes routing snapshots from the cached cluster. It remembers what the last one was made from, so that a change
/// costs only the work for its app. Not thread-safe.
/// </summary>
internal sealed class RouteBook(RouterScope scope, int port)
{
    private readonly Dictionary<ObjectKey, AppRoute> _routes = [];
    private IReadOnlyList<KeyValuePair<string, ObjectKey>> _hosts = [];
    private HashSet<string> _spaces = [];
    private AddressRanges _ranges = AddressRanges.Nobody;
    private RouterSettings _settings = new();
    private Callers _callers = Callers.Unknown;
    private IReadOnlyList<string> _rangeTexts = [];
    private bool _hasBegun;

    /// <summary>The hosts of the last snapshot, each with the app that it leads to.</summary>
    public IReadOnlyList<KeyValuePair<string, ObjectKey>> Hosts => _hosts;

    /// <summary>Whether an app has a route here.</summary>
    public bool Serves(ObjectKey app) => _routes.ContainsKey(app);

    /// <summary>The next snapshot; null if nothing changed that affects requests.</summary>
    public RoutingSnapshot? Rebuild(IClusterView cluster, RouteChanges changes)
    {
        var isChanged = (changes.Spaces && RebuildSpaces(cluster)) || !_hasBegun;
        _hasBegun = true;
        isChanged |= !ReferenceEquals(_callers, cluster.Callers);
        _callers = cluster.Callers;
        var dirty = changes.Spaces || changes.Hosts
            ? cluster.Apps.Select(app => app.Key).Concat(_routes.Keys).Distinct()
            : changes.Apps;
        foreach (var key in dirty.ToList())
        {
            isChanged |= RebuildRoute(cluster, key);
        }

        if (changes.Spaces || changes.Hosts)
        {
            isChanged |= RebuildHosts(cluster);
        }

        return isChanged
            ? new RoutingSnapshot(RoutingSnapshot.HostsOf(Routes()), _ranges, _settings) { Callers = _callers }
            : null;
    }

    private IEnumerable<KeyValuePair<string, AppRoute>> Routes() =>
        _hosts.Where(host => _routes.ContainsKey(host.Value)).Select(
            host => KeyValuePair.Create(host.Key, _routes[host.Value]));

    private bool RebuildSpaces(IClusterView cluster)
    {
        List<Space> served = [.. cluster.Spaces.Where(scope.Covers)];
        HashSet<string> names = [.. served.Select(space => space.Metadata.Name)];
        var texts = served.Where(_ => scope.Space is not null).SelectMany(
            space => space.Spec.TrustedIPRanges ?? ["*"]).ToList();
        var settings = SpaceRouting.SettingsOf(scope, served);
        if (_hasBegun && names.SetEquals(_spaces) && texts.SequenceEqual(_rangeTexts) && settings == _settings)
        {
            return false;
        }

        (_spaces, _rangeTexts, _settings) = (names, texts, settings);
        _ranges = SpaceRouting.TrustedRangesOf(scope, served);
        return true;
    }

    private bool RebuildRoute(IClusterView cluster, ObjectKey key)
    {
        var app = cluster.App(key);
        var route = app is not null && _spaces.Contains(key.Namespace!) && scope.Covers(app)
            ? AppRouteBuilder.Build(app, cluster.SlicesOf(key), cluster.DynosOf(key), port)
            : null;
        if (AppRouteBuilder.AreSame(route, _routes.GetValueOrDefault(key)))
        {
            return false;
        }

        if (route is null)
        {
            _routes.Remove(key);
        }
        else
        {
            _routes[key] = route;
        }

        return true;
    }

    /// <summary>
    /// The hosts that the operator granted, from the App's status. Only the operator sees all apps of the cluster, so
    /// routers do not resolve claims themselves.
    /// </summary>
    private bool RebuildHosts(IClusterView cluster)
    {
        List<KeyValuePair<string, ObjectKey>> hosts =
        [
            .. cluster.Apps.OrderBy(app => app.Seniority)
                .SelectMany(app => app.Hosts.Select(host => (Host: host, App: app.Key)))
                .DistinctBy(granted => granted.Host, StringComparer.OrdinalIgnoreCase)
                .Where(granted => _routes.ContainsKey(granted.App))
                .Select(granted => KeyValuePair.Create(granted.Host, granted.App))
                .OrderBy(host => host.Key, StringComparer.Ordinal),
        ];
        var isChanged = !hosts.SequenceEqual(_hosts);
        _hosts = hosts;
        return isChanged;
    }
}
