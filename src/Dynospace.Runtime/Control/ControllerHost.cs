using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Leadership;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Control;

/// <summary>
/// Runs informers and controllers together: all start, and all end on cancellation or when one of them fails.
/// </summary>
public sealed class ControllerHost(
    IReadOnlyCollection<IInformer> informers,
    IReadOnlyCollection<Controller> controllers,
    ILeadership? leadership,
    ILogger<ControllerHost> logger)
{
    /// <summary>The informers given, and those that the controllers need.</summary>
    private readonly List<IInformer> _informers = [.. informers.Concat(controllers.SelectMany(c =>
        c.Informers)).Distinct()];

    /// <summary>Whether every informer has synced; for a readiness probe.</summary>
    public bool IsReady => _informers.All(i => i.HasSynced);

    /// <summary>Which lists are not complete yet, for a readiness probe; null when all are.</summary>
    public string? NotReady =>
        _informers.Where(i => !i.HasSynced).Select(i => i.Kind.Kind).Distinct().Order(StringComparer.Ordinal).ToList()
        is { Count: > 0 } missing ? $"not listed yet: {string.Join(", ", missing)}" : null;

    /// <summary>Whether this process may act; for people and metrics.</summary>
    public bool IsLeader => leadership?.IsLeader ?? true;

    /// <summary>
    /// Runs until cancelled. Informers run at once. Controllers run when the informers have synced and, with leader
    /// election, while this process leads. A failure of any of them ends all and is thrown.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await RunTogetherAsync(
            stop,
            [
                .. _informers.Select(i => Task.Run(() => i.RunAsync(stop.Token), CancellationToken.None)),
                Task.Run(() => LeadAsync(stop.Token), CancellationToken.None),
            ]);
    }

    private async Task LeadAsync(CancellationToken cancellationToken)
    {
        if (leadership is null)
        {
            await RunControllersAsync(cancellationToken);
            return;
        }

        await leadership.RunAsync(RunControllersAsync, cancellationToken);
    }

    private async Task RunControllersAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("{Controllers} controllers start", controllers.Count);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await RunTogetherAsync(stop, [.. controllers.Select(c => c.RunAsync(stop.Token))]);
        logger.LogInformation("{Controllers} controllers ended", controllers.Count);
    }

    /// <summary>Waits for all; the first to fail stops the others, so that no part runs on alone.</summary>
    private static async Task RunTogetherAsync(CancellationTokenSource stop, List<Task> tasks)
    {
        await foreach (var ended in Task.WhenEach(tasks))
        {
            if (ended.IsFaulted)
            {
                await stop.CancelAsync();
            }
        }

        try
        {
            await Task.WhenAll(tasks);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Some tasks end by this exception and some by returning; both were asked to end.
        }
    }
}
