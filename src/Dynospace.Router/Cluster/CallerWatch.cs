using System.Globalization;
using System.Net;
using System.Text.Json;
using Dynospace.Api;
using Dynospace.Planning.Routers;
using Dynospace.Router.Routing;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Cluster;

/// <summary>Watches what the operator publishes about callers inside the cluster.</summary>
internal sealed class CallerWatch : IAsyncDisposable
{
    private readonly Informer<Published<ClusterBook>> _cluster;
    private readonly Informer<Published<CallerBook>> _book;
    private readonly CallerState _state;
    private readonly Func<LeaseWatch> _openLease;
    private LeaseWatch? _lease;

    public CallerWatch(
        string space,
        string systemNamespace,
        IApiTransport transport,
        ChangeCollector changes,
        TimeProvider clock,
        ILoggerFactory loggers)
    {
        _state = new CallerState(clock, changes.AddCallers);
        _cluster = Create(ClusterBook.Name, ClusterBook.FromConfigMap);
        _book = Create(CallerBook.NameOf(new(RouterListener.Public, space)), CallerBook.FromConfigMap);
        _cluster.AddHandler(change => _state.OnCluster(change.New?.Content));
        _book.AddHandler(change => OnBook(change.New?.Content));
        _openLease = () => new(systemNamespace, _state.OnSign, transport, clock, loggers);

        Informer<Published<T>> Create<T>(string name, Func<V1ConfigMap, T?> read)
            where T : class => new(
                transport,
                ResourceKind.For<V1ConfigMap>(),
                new InformerOptions<Published<T>>
                {
                    Decode = element => new(read(JsonObjects.To<V1ConfigMap>(element))),
                    Namespace = systemNamespace,
                    FieldSelector = $"metadata.name={name}",
                },
                clock,
                loggers.CreateLogger<Informer<Published<T>>>());
    }

    /// <summary>The callers that are currently known and trusted.</summary>
    public Callers Current => _state.Current;

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_cluster.RunAsync(cancellationToken), _book.RunAsync(cancellationToken));

    public Task WaitForSyncAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_cluster.WaitForSyncAsync(cancellationToken), _book.WaitForSyncAsync(cancellationToken));

    public async ValueTask DisposeAsync()
    {
        _state.Dispose();
        if (_lease is { } lease)
        {
            await lease.DisposeAsync();
        }
    }

    /// <summary>The Lease is watched only while caller data depends on it.</summary>
    private void OnBook(CallerBook? book)
    {
        _state.OnBook(book);
        var isNeeded = book is { Spaces.Count: > 0 };
        if (isNeeded && _lease is null)
        {
            _lease = _openLease();
        }
        else if (!isNeeded && _lease is { } lease)
        {
            _lease = null;
            _ = lease.DisposeAsync().AsTask();
        }
    }

    /// <summary>The content of a ConfigMap; null if it cannot be parsed.</summary>
    private sealed record Published<T>(T? Content)
        where T : class;
}

/// <summary>
/// The published callers, as far as they are trusted. Addresses of dynos are trusted only while the operator is alive:
/// when it misses the end of a dyno, another pod may get the address.
/// </summary>
internal sealed class CallerState : IDisposable
{
    /// <summary>
    /// How long without a sign of life from the operator before no address counts as a dyno's any more. A leader renews
    /// its Lease every two seconds, and another takes over after fifteen.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Action _changed;
    private readonly ITimer _silence;
    private readonly Lock _lock = new();
    private ClusterBook? _cluster;
    private CallerBook? _book;
    private string? _lastSign;
    private bool _isAlive;
    private volatile Callers _current = Callers.Unknown;

    public CallerState(TimeProvider clock, Action changed)
    {
        _changed = changed;
        _silence = clock.CreateTimer(
            _ => Update(() => _isAlive = false), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Callers Current => _current;

    public void OnCluster(ClusterBook? book) => Update(() => _cluster = book);

    public void OnBook(CallerBook? book)
    {
        Update(() => _book = book);
        if (book?.RenewedAt is { } time)
        {
            OnSign(time.ToString("O", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// Records a sign of life. The first one may date from long before this router started: only one that differs from
    /// it proves that the operator is alive.
    /// </summary>
    public void OnSign(string sign)
    {
        lock (_lock)
        {
            var isFirst = _lastSign is null;
            if (sign == _lastSign)
            {
                return;
            }

            _lastSign = sign;
            if (isFirst)
            {
                return;
            }

            _silence.Change(Patience, Timeout.InfiniteTimeSpan);
            if (_isAlive)
            {
                return;
            }
        }

        Update(() => _isAlive = true);
    }

    public void Dispose() => _silence.Dispose();

    private void Update(Action change)
    {
        lock (_lock)
        {
            change();
            _current = _cluster is null
                ? Callers.Unknown
                : Callers.FromBooks(_cluster.Ranges, _isAlive ? Dynos(_book) : []);
        }

        _changed();
    }

    /// <summary>An address that two spaces claim belongs to neither; text that is not an address is ignored.</summary>
    private static IEnumerable<KeyValuePair<IPAddress, IReadOnlyList<IPAddress>>> Dynos(CallerBook? book) =>
        (book?.Spaces ?? [])
            .SelectMany(space => space.Addresses.Select(address => (Address: Read(address), Outbound: Read(space))))
            .Where(dyno => dyno is { Address: not null, Outbound.Count: > 0 })
            .GroupBy(dyno => dyno.Address!)
            .Where(holders => holders.Count() == 1)
            .Select(holders => KeyValuePair.Create<IPAddress, IReadOnlyList<IPAddress>>(
                holders.Key, holders.Single().Outbound));

    private static IPAddress? Read(string text) => IPAddress.TryParse(text, out var address) ? address : null;

    private static List<IPAddress> Read(CallingSpace space)
    {
        List<IPAddress> outbound = [.. space.OutboundIPs.Select(Read).OfType<IPAddress>()];
        return outbound.Count == space.OutboundIPs.Count ? outbound : [];
    }
}

/// <summary>Reports each renewal of the operator's Lease, for as long as it is open.</summary>
internal sealed class LeaseWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public LeaseWatch(
        string systemNamespace,
        Action<string> renewed,
        IApiTransport transport,
        TimeProvider clock,
        ILoggerFactory loggers)
    {
        var informer = new Informer<LeaseState>(
            transport,
            ResourceKind.For<V1Lease>(),
            new InformerOptions<LeaseState>
            {
                Decode = LeaseState.Decode,
                Namespace = systemNamespace,
                FieldSelector = $"metadata.name={DynospaceGroup.LeaseName}",
            },
            clock,
            loggers.CreateLogger<Informer<LeaseState>>());
        informer.AddHandler(change =>
        {
            if (change.New is { IsHeld: true } lease)
            {
                renewed(lease.RenewTime);
            }
        });
        _running = informer.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}

/// <summary>The facts of the Lease. One that was released is no sign of life.</summary>
internal sealed record LeaseState(bool IsHeld, string RenewTime)
{
    public static LeaseState Decode(JsonElement lease)
    {
        var spec = lease.TryGetProperty("spec", out var found) ? found : default;
        return new(Text(spec, "holderIdentity").Length > 0, Text(spec, "renewTime"));
    }

    private static string Text(JsonElement spec, string name) =>
        spec.ValueKind == JsonValueKind.Object
        && spec.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
