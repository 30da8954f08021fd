namespace Dynospace.Router.Routing;

/// <summary>
/// Lets requests wait for the next snapshot, which may bring the first dyno of an app, or another one.
/// </summary>
public sealed class RouteUpdates : IDisposable
{
    private readonly IRoutingTable _table;
    private readonly TimeProvider _clock;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RouteUpdates(IRoutingTable table, TimeProvider clock)
    {
        _table = table;
        _clock = clock;
        _table.Changed += Notify;
    }

    /// <summary>
    /// Completes with the next snapshot. Read it before the current snapshot, so that no change is missed.
    /// </summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Waits for the change, at most for the given time.</summary>
    public async Task WaitAsync(Task change, TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await change.WaitAsync(time, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The caller checks the clock.
        }
    }

    public void Dispose() => _table.Changed -= Notify;

    private void Notify(object? sender, EventArgs e) =>
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
