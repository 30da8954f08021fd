// Leadership: lets one process of several act, by a Lease.

using k8s;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Leadership;

// One process of several acts: leader election by a Lease.

/// <summary>Lets one process of several act.</summary>
public interface ILeadership
{
    /// <summary>Whether this process leads.</summary>
    bool IsLeader { get; }

    /// <summary>
    /// Runs the delegate whenever this process leads, until cancelled or until the delegate ends. The delegate's token
    /// is cancelled when leadership is lost; then it is tried for again. The lease is released at the end.
    /// </summary>
    Task RunAsync(Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken);
}

/// <summary>Where the lease is and how long it lasts.</summary>
public sealed record LeadershipOptions
{
    /// <summary>The lease's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The lease's name.</summary>
    public required string Name { get; init; }

    /// <summary>This process, unlike any other; a pod's name is fine.</summary>
    public required string Identity { get; init; }

    /// <summary>After this without renewal another process may take over.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// After this without renewal this process stops leading; below the lease's duration, or two would lead.
    /// </summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between tries.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Leadership by a <c>Lease</c>, with KubernetesClient's elector.</summary>
public sealed class LeaseLeadership(
    IKubernetes client, LeadershipOptions options, TimeProvider clock, ILogger<LeaseLeadership> logger) : ILeadership
{
    private readonly TolerantLock _lock = new(new LeaseLock(client, options.Namespace, options.Name, options.Identity));
    private volatile bool _isLeader;

    /// <inheritdoc/>
    public bool IsLeader => _isLeader;

    /// <inheritdoc/>
    public async Task RunAsync(Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken)
    {
        try
        {
            while (!await LeadOnceAsync(whileLeading, cancellationToken))
            {
                await Task.Delay(options.RetryPeriod, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Being cancelled is how leadership ends.
        }
        finally
        {
            await ReleaseAsync();
        }
    }

    /// <summary>
    /// Waits for leadership and leads; true when the delegate ended by itself, false when leadership was lost.
    /// </summary>
    private async Task<bool> LeadOnceAsync(
        Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken)
    {
        // Cancelled at the end, or the elector's last attempt to renew would go on in the background and take the lease
        // for nobody.
        using var election = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var elector = new LeaderElector(new LeaderElectionConfig(_lock)
        {
            LeaseDuration = options.LeaseDuration,
            RenewDeadline = options.RenewDeadline,
            RetryPeriod = options.RetryPeriod,
        });
        elector.OnStartedLeading += () => started.TrySetResult();
        elector.OnNewLeader += leader =>
            logger.LogInformation("Leader is now {Leader}; this is {Identity}", leader, options.Identity);
        var elected = elector.RunUntilLeadershipLostAsync(election.Token);
        try
        {
            if (await Task.WhenAny(started.Task, elected) == elected)
            {
                await elected;
                return false;
            }

            return await LeadAsync(whileLeading, elected, leading);
        }
        catch (Exception e) when (elected.IsFaulted && !cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning("The election failed and is tried again: {Reason}", Text.Cap(e.Message));
            return false;
        }
        finally
        {
            await election.CancelAsync();
            await elected.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> LeadAsync(
        Func<CancellationToken, Task> whileLeading, Task elected, CancellationTokenSource leading)
    {
        logger.LogInformation("{Identity} leads", options.Identity);
        _isLeader = true;
        var work = Task.Run(() => whileLeading(leading.Token), CancellationToken.None);
        try
        {
            if (await Task.WhenAny(work, elected) == work)
            {
                await work;
                return true;
            }
        }
        finally
        {
            _isLeader = false;
        }

        logger.LogInformation("{Identity} leads no more", options.Identity);
        await leading.CancelAsync();
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (leading.IsCancellationRequested)
        {
            // Asked for by the line above.
        }

        return false;
    }

    /// <summary>Frees the lease so that the next process need not wait for it to run out.</summary>
    private async Task ReleaseAsync()
    {
        using var patience = new CancellationTokenSource(options.RetryPeriod, clock);
        try
        {
            while (!await TryReleaseAsync(patience.Token))
            {
                // The elector's last renewal was on its way; with its version known the next try works.
                await Task.Delay(options.RetryPeriod / 10, clock, patience.Token);
            }
        }
        catch (Exception e)
        {
            // It runs out by itself.
            logger.LogInformation("The lease was not released: {Reason}", Text.Cap(e.Message));
        }
    }

    private async Task<bool> TryReleaseAsync(CancellationToken cancellationToken)
    {
        var record = await _lock.GetAsync(cancellationToken);
        if (record.HolderIdentity != options.Identity)
        {
            return true;
        }

        // No holder rather than an empty one, and a second rather than none: what client-go writes and the API server
        // takes.
        record.HolderIdentity = null;
        record.LeaseDurationSeconds = 1;
        return await _lock.UpdateAsync(record, cancellationToken);
    }
}
