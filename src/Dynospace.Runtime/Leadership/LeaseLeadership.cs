// Leadership: lets one process of several act, by a Lease.

using k8s;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Leadership;


/// <summary>Elects one of several processes to act.</summary>
public interface ILeadership
{
    /// <summary>Whether this process leads.</summary>
    bool IsLeader { get; }

    /// <summary>
    /// Runs the delegate whenever this process leads, until cancelled or until the delegate ends. The delegate's token
    /// is cancelled when leadership is lost; then this process stands for election again. The lease is released at the
    /// end.
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

    /// <summary>Identifies this process among all; a pod's name is fine.</summary>
    public required string Identity { get; init; }

    /// <summary>After this time without renewal another process may take over.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// After this time without renewal this process stops leading. It must be below the lease's duration, or two
    /// processes could lead.
    /// </summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between attempts.</summary>
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
            // Cancellation is the normal end of leadership.
        }
        finally
        {
            await ReleaseAsync();
        }
    }

    /// <summary>
    /// Waits for leadership and runs the delegate; true if the delegate ended by itself, false if leadership was lost.
    /// </summary>
    private async Task<bool> LeadOnceAsync(
        Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken)
    {
        // Cancelled at the end, or the elector's last renewal could still take the lease in the background, for a
        // process that no longer acts.
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
            // The line above cancelled it.
        }

        return false;
    }

    /// <summary>Releases the lease so that the next process need not wait until it expires.</summary>
    private async Task ReleaseAsync()
    {
        using var patience = new CancellationTokenSource(options.RetryPeriod, clock);
        try
        {
            while (!await TryReleaseAsync(patience.Token))
            {
                // The elector's last renewal was still under way; with its version known the next attempt succeeds.
                await Task.Delay(options.RetryPeriod / 10, clock, patience.Token);
            }
        }
        catch (Exception e)
        {
            // The lease expires by itself.
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

        // No holder rather than an empty one, and one second rather than zero: as client-go writes it and the API
        // server accepts it.
        record.HolderIdentity = null;
        record.LeaseDurationSeconds = 1;
        return await _lock.UpdateAsync(record, cancellationToken);
    }
}
