using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Dynospace.NodeAgent.Status;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Egress;

/// <summary>Consults the API server when the nodes' heartbeats do not decide.</summary>
internal interface IWitness
{
    /// <summary>Whether the API server is reachable.</summary>
    bool IsApiReached();

    /// <summary>Whether this node's half of the nodes keeps its fixed IPs.</summary>
    /// <param name="hasAddresses">Whether a node of this half has fixed IPs.</param>
    TieVote Vote(bool hasAddresses);
}

/// <summary>
/// Reads, writes and probes in a separate loop, for which the worker never waits, and only while the worker asks.
/// </summary>
/// <param name="node">The name of this node.</param>
/// <param name="leaseNamespace">The namespace of the Lease that breaks a tie.</param>
internal sealed class ApiWitness(
    string node, string leaseNamespace, IApiTransport transport, TimeProvider clock, ILogger logger)
    : IWitness, IDisposable
{
    /// <summary>One Lease for all fixed IPs: it decides which half of the nodes keeps them.</summary>
    public const string LeaseName = "dynospace-egress-tie";

    private const string FieldManager = "dynospace-node-agent";

    private static readonly ResourceKind Leases = ResourceKind.For<V1Lease>();
    private static readonly TieTimes Times = new();
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

    private readonly ObjectKey _key = new(leaseNamespace, LeaseName);
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly SemaphoreSlim _asked = new(0, 1);
    private readonly Lock _lock = new();
    private readonly TieBreak _tie = new(node, Times);
    private volatile bool _isReached = true;
    private TimeSpan? _reachAskedAt;
    private TimeSpan _probedAt;
    private string? _refusal;

    /// <inheritdoc/>
    public bool IsApiReached()
    {
        lock (_lock)
        {
            _reachAskedAt = _time.Elapsed;
        }

        return _isReached;
    }

    /// <inheritdoc/>
    public TieVote Vote(bool hasAddresses)
    {
        lock (_lock)
        {
            var vote = _tie.Ask(hasAddresses, _time.Elapsed);
            if (_asked.CurrentCount == 0)
            {
                _asked.Release();
            }

            return vote;
        }
    }

    public void Dispose() => _asked.Dispose();

    /// <summary>Serves the worker's requests until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // An earlier run of this agent may hold it.
            await DoAsync(TieAction.Read, cancellationToken);
            while (true)
            {
                // Wakes up as soon as a tie begins.
                await _asked.WaitAsync(ProbeEvery, cancellationToken);
                TieAction action;
                while ((action = Locked(tie => tie.Next(_time.Elapsed))) != TieAction.None)
                {
                    await DoAsync(action, cancellationToken);
                    if (Locked(tie => tie.IsUnreached))
                    {
                        break;
                    }
                }

                await ProbeAsync(cancellationToken);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent stops. A Lease that it holds stays held until it expires.
        }
    }

    private async Task DoAsync(TieAction action, CancellationToken cancellationToken)
    {
        var startedAt = _time.Elapsed;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            switch (action)
            {
                case TieAction.Read:
                    var record = await ReadAsync(limit.Token);
                    Locked(tie => tie.Read(record, _time.Elapsed));
                    break;
                case TieAction.Take:
                    var taken = await WriteAsync(node, limit.Token);
                    if (!Locked(tie => tie.Taken(taken, startedAt)))
                    {
                        logger.LogInformation("Half of the nodes are not heard; the half of this node goes on");
                    }

                    break;
                case TieAction.Release:
                    var version = Locked(tie => tie.Version);
                    Locked(tie => tie.Released());
                    await PatchAsync(version, holder: null, limit.Token);
                    break;
            }

            _refusal = null;
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.Conflict)
        {
            Locked(tie => tie.Conflicted());
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Locked(tie => tie.Failed(_time.Elapsed));
            if (e is ApiException && e.Message != _refusal)
            {
                logger.LogWarning("The Lease {Lease} cannot be used: {Why}", _key, e.Message);
                _refusal = e.Message;
            }
        }
    }

    private async Task<TieRecord> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Record(await transport.GetAsync(Leases, _key, cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return new TieRecord(null, null);
        }
    }

    private async Task<TieRecord> WriteAsync(string holder, CancellationToken cancellationToken)
    {
        if (Locked(tie => tie.Version) is { } version)
        {
            return Record(await PatchAsync(version, holder, cancellationToken));
        }

        var lease = new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = LeaseName, ["namespace"] = leaseNamespace },
            ["spec"] = Spec(holder),
        };
        return Record(await transport.CreateAsync(
            Leases, lease, new WriteQuery { FieldManager = FieldManager }, cancellationToken));
    }

    private Task<JsonObject> PatchAsync(string? version, string? holder, CancellationToken cancellationToken) =>
        transport.PatchAsync(
            Leases, _key, PatchFormat.Merge,
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = version },
                ["spec"] = Spec(holder),
            },
            new WriteQuery { FieldManager = FieldManager }, cancellationToken);

    private JsonObject Spec(string? holder) => new()
    {
        ["holderIdentity"] = holder,
        ["leaseDurationSeconds"] = (int)Times.FreeAfter.TotalSeconds,
        ["renewTime"] = clock.GetUtcNow().UtcDateTime.ToString(
            "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
    };

    private static TieRecord Record(JsonObject lease) => new(
        (string?)lease["spec"]?["holderIdentity"] is { Length: > 0 } holder ? holder : null,
        (string?)lease["metadata"]?["resourceVersion"]);

    /// <summary>Probes the API server while there is a caller.</summary>
    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        TimeSpan? asked;
        lock (_lock)
        {
            asked = _reachAskedAt;
        }

        if (!(_time.Elapsed - asked <= ProbeEvery * 4))
        {
            _isReached = true;
            return;
        }

        if (_time.Elapsed - _probedAt < ProbeEvery)
        {
            return;
        }

        _probedAt = _time.Elapsed;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await transport.GetAsync(NodeNetworkObject.Kind, ObjectKey.ClusterScoped(node), limit.Token);
            _isReached = true;
        }
        catch (ApiException)
        {
            _isReached = true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            _isReached = false;
        }
    }

    private T Locked<T>(Func<TieBreak, T> ask)
    {
        lock (_lock)
        {
            return ask(_tie);
        }
    }

    private void Locked(Action<TieBreak> change)
    {
        lock (_lock)
        {
            change(_tie);
        }
    }
}
