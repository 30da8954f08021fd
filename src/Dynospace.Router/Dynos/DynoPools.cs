// Dynos: the dynos in rotation and the idle connections to each.

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Dynospace.Router.Metrics;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Dynos;

/// <summary>The connections of all dynos in rotation, kept across snapshots until the dyno leaves.</summary>
public sealed class DynoPools : IDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<DynoEndpoint, DynoPool> _pools = new();
    private readonly ConcurrentDictionary<(string Space, string App), AppGate> _gates = new();
    private readonly ConditionalWeakTable<AppRoute, AppConnections> _apps = [];
    private readonly IRoutingTable _table;
    private readonly Func<DynoEndpoint, DynoPool> _create;
    private readonly ITimer _sweep;

    public DynoPools(IRoutingTable table, IDynoConnector connector, RouterMetrics metrics, TimeProvider clock)
    {
        _table = table;
        _create = dyno => new(dyno, connector, () => table.Current.Settings, metrics, clock);
        _table.Changed += RetireGone;
        _sweep = clock.CreateTimer(static state => ((DynoPools)state!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    /// <summary>The connections to an app's dynos, found by the route object: one lookup for each request.</summary>
    public AppConnections For(AppRoute route) =>
        _apps.TryGetValue(route, out var app) ? app : _apps.GetValue(route, Compile);

    public void Dispose()
    {
        _table.Changed -= RetireGone;
        _sweep.Dispose();
        foreach (var (dyno, _) in _pools)
        {
            Retire(dyno);
        }
    }

    private void Sweep()
    {
        foreach (var (_, pool) in _pools)
        {
            pool.Idle.Sweep();
        }
    }

    private AppConnections Compile(AppRoute route) => new(
        _gates.GetOrAdd((route.Space, route.App), static _ => new()),
        [.. route.Dynos.Select(dyno => _pools.GetOrAdd(dyno, _create))]);

    private void RetireGone(object? sender, EventArgs e)
    {
        var apps = _table.Current.Hosts.Values;
        var dynos = apps.SelectMany(app => app.Dynos).ToHashSet();
        foreach (var (dyno, _) in _pools)
        {
            if (!dynos.Contains(dyno))
            {
                Retire(dyno);
            }
        }

        var names = apps.Select(app => (app.Space, app.App)).ToHashSet();
        foreach (var (name, _) in _gates)
        {
            if (!names.Contains(name))
            {
                _gates.TryRemove(name, out _);
            }
        }
    }

    private void Retire(DynoEndpoint dyno)
    {
        if (_pools.TryRemove(dyno, out var pool))
        {
            pool.Dispose();
        }
    }
}

/// <summary>The state of an app that outlives snapshots: its connections and its count of requests.</summary>
public sealed record AppConnections(AppGate Gate, DynoPool[] Pools);

/// <summary>Counts an app's requests in flight across snapshots.</summary>
public sealed class AppGate
{
    private int _inFlight;

    /// <summary>Whether one more request is within the limit; if so, it counts until <see cref="Leave"/>.</summary>
    public bool TryEnter(int limit)
    {
        if (Interlocked.Increment(ref _inFlight) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _inFlight);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inFlight);
}
