namespace Dynospace.Benchmarks.Routing;

/// <summary>
/// Dynos that come and go while requests run: some leave the routes before they are asked to end, as when an app is
/// scaled, and some end before the router hears of it, as when they crash or their node goes.
/// </summary>
internal sealed class Churn(RouterProxy router, Workplace place, Origin first) : IAsyncDisposable
{
    private const int Most = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan NewsDelay = TimeSpan.FromMilliseconds(200);

    private readonly List<Origin> _dynos = [first];
    private readonly Random _random = new(1);

    /// <summary>How many dynos came or went.</summary>
    public int Changes { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await StepAsync(cancellationToken);
                Changes++;
                await Task.Delay(Pause, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The load has ended.
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var dyno in _dynos.Where(dyno => dyno != first))
        {
            await dyno.DisposeAsync();
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (_dynos.Count < 2 || (_dynos.Count < Most && _random.Next(2) == 0))
        {
            _dynos.Add(await Origin.StartAsync(place, cancellationToken));
            await RouteAsync(cancellationToken);
            return;
        }

        var leaving = _dynos[_random.Next(1, _dynos.Count)];
        _dynos.Remove(leaving);
        await using (leaving)
        {
            if (_random.Next(2) == 0)
            {
                await RouteAsync(cancellationToken);
                await leaving.QuitAsync();
            }
            else
            {
                await leaving.QuitAsync();
                await Task.Delay(NewsDelay, cancellationToken);
                await RouteAsync(cancellationToken);
            }
        }
    }

    private Task RouteAsync(CancellationToken cancellationToken) =>
        router.RouteAsync(_dynos.Select(dyno => dyno.Port), cancellationToken);
}
