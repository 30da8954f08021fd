// Cluster: watches the objects that a router serves, and builds its routing table from them.

using Dynospace.Router.Metrics;
using Dynospace.Router.Routing;
using Dynospace.Router.Tls;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Cluster;

/// <summary>What a router watches in the cluster.</summary>
/// <param name="Scope">What it serves.</param>
/// <param name="Port"><c>$PORT</c>: no other port of a dyno is ever called.</param>
/// <param name="DefaultCertificate">The Secret of the certificate for hosts that have no other.</param>
/// <param name="SystemNamespace">
/// The namespace in which the operator publishes callers inside the cluster; null for none.
/// </param>
public sealed record ClusterWatchOptions(
    RouterScope Scope, int Port, ObjectKey? DefaultCertificate, string? SystemNamespace);

/// <summary>
/// Keeps routes and certificates up to date with the cluster. While the API server is unreachable the last ones stay in
/// force: informers keep what they have listed.
/// </summary>
public sealed class ClusterWatch
{
    /// <summary>
    /// The pause between two tables: building one takes time in proportion to the number of hosts, and with this pause
    /// a change is still in force within a second.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>A space whose apps cannot be read must not stop the router from serving the others.</summary>
    private static readonly TimeSpan SpacePatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Until callers are known, only ranges that contain the whole internet admit clients; those are served after this
    /// time.
    /// </summary>
    private static readonly TimeSpan CallerPatience = TimeSpan.FromSeconds(5);

    /// <summary>A Secret that cannot be read must not stop the router from serving.</summary>
    private static readonly TimeSpan CertificatePatience = TimeSpan.FromSeconds(5);

    private readonly RouterCaches _caches;
    private readonly ChangeCollector _changes = new();
    private readonly RouteBook _book;
    private readonly RoutingTable _table;
    private readonly CertificateWatch _certificates;
    private readonly TimeProvider _clock;
    private readonly ILogger<ClusterWatch> _logger;
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClusterWatch(
        IApiTransport transport, ClusterWatchOptions options, RoutingTable table, CertificateTable certificates,
        TimeProvider clock, ILoggerFactory loggers)
    {
        _caches = new RouterCaches(
            transport, options.Scope, _changes, clock, loggers, options.SystemNamespace);
        _book = new RouteBook(options.Scope, options.Port);
        _table = table;
        _certificates = new CertificateWatch(transport, options.DefaultCertificate, certificates, clock, loggers);
        _clock = clock;
        _logger = loggers.CreateLogger<ClusterWatch>();
    }

    /// <summary>Ends when the first routes are in force.</summary>
    public Task Filled => _filled.Task;

    /// <summary>Whether the first routes are in force.</summary>
    public bool IsFilled => _filled.Task.IsCompletedSuccessfully;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> tasks = [_caches.RunAsync(stop.Token), FollowAsync(stop.Token), _certificates.RunAsync(stop.Token)];
        var first = await Task.WhenAny(tasks);
        await stop.CancelAsync();
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _caches.StopAsync();
        await first;
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await _caches.WaitForSpacesAsync(cancellationToken);
        await _caches.FollowSpacesAsync();
        await WaitAsync(_caches.WaitForServedAsync, SpacePatience, WarnOfSpaces, cancellationToken);
        await WaitAsync(_caches.WaitForCallersAsync, CallerPatience, WarnOfCallers, cancellationToken);
        Publish(RouteChanges.Everything);
        await _certificates.WaitForSyncAsync(CertificatePatience, cancellationToken);
        _filled.TrySetResult();
        _logger.LogInformation("Routes are known: {Hosts} hosts", _book.Hosts.Count);
        while (true)
        {
            var changes = await _changes.TakeAsync(cancellationToken);
            if (changes.Spaces)
            {
                await _caches.FollowSpacesAsync();
            }

            Publish(changes);
            await Task.Delay(Pause, _clock, cancellationToken);
        }
    }

    /// <summary>Waits for a limited time, then warns and continues.</summary>
    private async Task WaitAsync(
        Func<CancellationToken, Task> wait, TimeSpan patience, Action warn, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await wait(enough.Token).WaitAsync(patience, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            warn();
            await enough.CancelAsync();
        }
    }

    private void WarnOfSpaces() => _logger.LogWarning(
        "Apps of {Spaces} cannot be read yet; the others are served", string.Join(", ", _caches.Missing));

    private void WarnOfCallers() => _logger.LogWarning(
        "What the operator publishes of the cluster cannot be read yet: nobody is admitted by a range that is "
        + "narrower than the internet");

    private void Publish(RouteChanges changes)
    {
        var snapshot = _book.Rebuild(_caches, changes);
        if (snapshot is not null || changes.Certificates)
        {
            _certificates.Follow(Demands());
        }

        if (snapshot is not null)
        {
            _table.Publish(snapshot);
            EdgeMetrics.SnapshotPublished();
        }
    }

    private List<CertificateDemand> Demands()
    {
        var hosts = _book.Hosts.ToLookup(host => host.Value, host => host.Key);
        return
        [
            .. _caches.Apps.Where(app => app.TlsSecrets.Count > 0 && _book.Serves(app.Key))
                .Select(app => new CertificateDemand(
                    app.Key, [.. hosts[app.Key]],
                    [.. app.TlsSecrets.Select(secret => app.Key with { Name = secret })])),
        ];
    }
}
