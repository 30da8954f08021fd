// Egress: fixed IPs on a node: sends packets of dynos to their gateway node, and translates their source on a gateway.

using System.Net.Sockets;
using Dynospace.Api;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Status;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Egress;

/// <summary>
/// Routes the traffic of this node's dynos through the fixed IPs of their space, and makes this node the gateway of the
/// fixed IPs of which it is the first gateway. It follows the EgressGateways and the pods of this node.
/// </summary>
/// <param name="leaseNamespace">The namespace of the Lease that breaks a tie between two halves of the nodes.</param>
public sealed class EgressAgent(
    string node,
    string leaseNamespace,
    IApiTransport transport,
    Func<KernelAccess> open,
    Func<INetworkMonitor> openLinks,
    TimeProvider clock,
    ILoggerFactory loggers) : IAgentPart
{
    private const string Name = "Egress";

    private static readonly TimeSpan ObstacleRecheck = TimeSpan.FromSeconds(30);

    private readonly ILogger<EgressAgent> _logger = loggers.CreateLogger<EgressAgent>();
    private volatile EgressWorker? _worker;
    private volatile string? _problem = "the cluster is not known yet";
    private volatile string? _cannotRead;
    private volatile Reason _reason = Reasons.Progressing;
    private EgressCluster? _read;

    /// <inheritdoc/>
    public PartReport Report
    {
        get
        {
            var state = _worker?.State;
            var problem = _problem ?? state?.Problem ?? _cannotRead;
            return problem is null
                ? Said(Reasons.Ready, state is { IsFenced: true }
                    ? "Dynos of this node leave from their fixed IPs; it is cut off, and no gateway itself"
                    : "Dynos of this node leave from their fixed IPs")
                : Said(_reason, problem);

            PartReport Said(Reason reason, string message) => new(
                Name, ConditionTypes.EgressReady, reason, $"Egress: {message}")
            {
                Egress = state is null ? null : EgressObjects.Status(state),
            };
        }
    }

    /// <summary>Whether nodes on a shared link send to each other without the tunnel.</summary>
    public bool IsNative { get; init; }

    /// <summary>Runs kernel writes in the network namespace of the node.</summary>
    public Action<Action> Within { get; init; } = action => action();

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        GatewayCaches caches = null!;
        caches = new GatewayCaches(transport, node, Post, clock, loggers);
        var informing = caches.Informers.RunAsync(stop.Token);
        try
        {
            await caches.Informers.WaitForSyncAsync(missing => _problem = missing, clock, stop.Token);
            using var witness = new ApiWitness(
                node, leaseNamespace, transport, clock, loggers.CreateLogger<ApiWitness>());
            using var worker = await OpenAsync(witness, stop.Token);
            (_worker, _problem, _reason) = (worker, null, Reasons.NodeObstacle);
            Post();
            var witnessing = witness.RunAsync(stop.Token);
            try
            {
                await Task.Factory.StartNew(
                    () => Within(() => worker.Run(stop.Token)), CancellationToken.None, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
            }
            finally
            {
                _worker = null;
                await stop.CancelAsync();
                await witnessing;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await informing;
        }

        void Post()
        {
            if (_worker is { } worker)
            {
                lock (caches)
                {
                    try
                    {
                        _read = EgressObjects.Read(node, caches.Gateways, caches.Pods, _read, out var problem);
                        worker.Post(_read);
                        _cannotRead = problem;
                    }
                    catch (Exception e)
                    {
                        // An unexpected object; the previous state still applies.
                        _logger.LogError(e, "What the API server shows of fixed IPs cannot be understood");
                        _cannotRead = $"what the API server shows of fixed IPs cannot be understood: {e.Message}";
                    }
                }
            }
        }
    }

    private async Task<EgressWorker> OpenAsync(ApiWitness witness, CancellationToken cancellationToken)
    {
        while (true)
        {
            KernelAccess? kernel = null;
            try
            {
                if (AddressSocket.WhyNot() is { } refusal)
                {
                    SetProblem($"the kernel refuses to announce fixed IPs ({refusal}): the agent needs the capability "
                        + "NET_RAW");
                }
                else
                {
                    kernel = open();
                    return new EgressWorker(kernel, openLinks(), new FailoverTimes(), witness, _logger)
                    {
                        IsNative = IsNative,
                    };
                }
            }
            catch (Exception e) when (e is NftablesException or SocketException)
            {
                kernel?.Dispose();
                SetProblem(EgressWorker.Explain(e));
            }

            await Task.Delay(ObstacleRecheck, clock, cancellationToken);
        }
    }

    private void SetProblem(string problem)
    {
        if (problem != _problem)
        {
            _logger.LogWarning("Egress on {Node}: {Problem}", node, problem);
        }

        (_problem, _reason) = (problem, Reasons.NodeObstacle);
    }
}
