using System.Threading.Channels;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Tls;

/// <summary>
/// An app's hosts and the Secrets that it references for them. A Secret is used only for the hosts of the app that
/// references it.
/// </summary>
public sealed record CertificateDemand(ObjectKey App, IReadOnlyList<string> Hosts, IReadOnlyList<ObjectKey> Secrets);

/// <summary>
/// Watches the Secrets that apps reference for their hosts, and publishes the certificates to serve, without a restart
/// or a dropped connection. One loop does all the work; other code posts messages to its channel.
/// </summary>
public sealed class CertificateWatch(
    IApiTransport transport, ObjectKey? defaultSecret, CertificateTable table, TimeProvider clock,
    ILoggerFactory loggers)
{
    /// <summary>Certificates expire without an event, so they are checked regularly.</summary>
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMinutes(10);

    private readonly CertificateBook _book = new();
    private readonly CertificateProblems _problems = new(loggers.CreateLogger<CertificateWatch>());
    private readonly Dictionary<ObjectKey, SecretWatch> _watches = [];
    private readonly Channel<CertificateNews> _news = Channel.CreateUnbounded<CertificateNews>();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<CertificateDemand> _demands = [];
    private bool _hasDemands;

    /// <summary>Sets the hosts to serve and their Secrets.</summary>
    public void Follow(IReadOnlyList<CertificateDemand> demands) =>
        _news.Writer.TryWrite(new CertificateNews(demands, null));

    /// <summary>Waits, for a limited time, until every Secret of the first demands was read or found missing.</summary>
    public async Task WaitForSyncAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await _synced.Task.WaitAsync(atMost, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Until their Secret can be read, hosts get the default certificate.
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var recheck = clock.CreateTimer(
            _ => _news.Writer.TryWrite(new CertificateNews(null, null)), null, RecheckInterval, RecheckInterval);
        try
        {
            await foreach (var news in _news.Reader.ReadAllAsync(cancellationToken))
            {
                Take(news, cancellationToken);
            }
        }
        finally
        {
            foreach (var watch in _watches.Values)
            {
                watch.Dispose();
            }

            await Task.WhenAll(_watches.Values.Select(watch => watch.Running))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Take(CertificateNews news, CancellationToken cancellationToken)
    {
        if (news.Demands is { } demands)
        {
            _demands = demands;
            _hasDemands = true;
            FollowSecrets(cancellationToken);
        }

        if (news.Changed is { } key && _watches.TryGetValue(key, out var watch))
        {
            _book.Take(key, watch.Current, clock.GetUtcNow());
        }

        Publish();
        if (_hasDemands && _watches.Values.All(found => found.HasSynced))
        {
            _synced.TrySetResult();
        }
    }

    private void FollowSecrets(CancellationToken cancellationToken)
    {
        HashSet<ObjectKey> wanted = [.. _demands.SelectMany(demand => demand.Secrets)];
        if (defaultSecret is { } always)
        {
            wanted.Add(always);
        }

        foreach (var gone in _watches.Keys.Except(wanted).ToList())
        {
            _watches.Remove(gone, out var watch);
            watch!.Dispose();
        }

        foreach (var added in wanted.Except(_watches.Keys).ToList())
        {
            _watches[added] = new SecretWatch(
                transport,
                added,
                key => _news.Writer.TryWrite(new CertificateNews(null, key)),
                clock,
                loggers,
                cancellationToken);
        }

        _book.KeepOnly(wanted);
    }

    private void Publish()
    {
        var now = clock.GetUtcNow();
        var hosts = new Dictionary<string, ServerCertificate>(StringComparer.Ordinal);
        foreach (var demand in _demands)
        {
            foreach (var host in demand.Hosts)
            {
                if (_book.Best(host, demand.Secrets, now) is { } certificate)
                {
                    hosts[host] = certificate;
                }
            }
        }

        table.Publish(hosts, defaultSecret is { } key ? _book.Find(key) : null);
        _problems.Report(Problems(now));
    }

    private Dictionary<ObjectKey, TlsSecretProblem> Problems(DateTimeOffset now)
    {
        var problems = new Dictionary<ObjectKey, TlsSecretProblem>();
        foreach (var demand in _demands)
        {
            foreach (var secret in demand.Secrets)
            {
                Add(secret, demand.Hosts);
            }
        }

        if (defaultSecret is { } always)
        {
            Add(always, []);
        }

        return problems;

        void Add(ObjectKey secret, IReadOnlyList<string> hosts)
        {
            if (_watches[secret].HasSynced && _book.ProblemOf(secret, hosts, now) is { } problem)
            {
                problems[secret] = problem;
            }
        }
    }
}

/// <summary>
/// Why certificates are checked again: other demands, a changed Secret, or, with neither, the time that has passed.
/// </summary>
internal sealed record CertificateNews(IReadOnlyList<CertificateDemand>? Demands, ObjectKey? Changed);

/// <summary>Watches one Secret by name: a router has no other rights on Secrets.</summary>
internal sealed class SecretWatch : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Informer<TlsSecretState> _informer;

    public SecretWatch(
        IApiTransport transport, ObjectKey key, Action<ObjectKey> changed, TimeProvider clock, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _informer = new Informer<TlsSecretState>(
            transport,
            ResourceKind.For<V1Secret>(),
            new InformerOptions<TlsSecretState>
            {
                Decode = TlsSecretReader.Read,
                Namespace = key.Namespace,
                FieldSelector = $"metadata.name={key.Name}",
            },
            clock,
            loggers.CreateLogger<Informer<TlsSecretState>>());
        _informer.AddHandler(_ => changed(key));
        Key = key;
        Running = RunAsync(changed);
    }

    public ObjectKey Key { get; }

    /// <summary>Ends after <see cref="Dispose"/>.</summary>
    public Task Running { get; }

    public bool HasSynced => _informer.HasSynced;

    public TlsSecretState? Current => _informer.Store.Get(Key);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _informer.WaitForSyncAsync(cancellationToken);

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(Action<ObjectKey> changed)
    {
        var running = _informer.RunAsync(_stop.Token);
        if (await Task.WhenAny(running, _informer.WaitForSyncAsync(_stop.Token)) != running)
        {
            // A missing Secret causes no event, so it is reported here.
            changed(Key);
        }

        await running;
    }
}
