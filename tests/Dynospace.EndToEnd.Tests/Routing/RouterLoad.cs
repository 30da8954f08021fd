using System.Collections.Concurrent;

namespace Dynospace.EndToEnd.Tests.Routing;

/// <summary>Clients that ask an app through its router without a pause.</summary>
internal sealed class RouterLoad : IDisposable
{
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _clients;
    private int _count;

    public RouterLoad(RunningRouter router, string host, int clients) =>
        _clients = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(() => AskAsync(router, host))));

    /// <summary>Waits until so many more were answered.</summary>
    public async Task MoreAsync(int requests)
    {
        var goal = Volatile.Read(ref _count) + requests;
        while (Volatile.Read(ref _count) < goal && _failures.IsEmpty)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends the load and tells what went wrong.</summary>
    public async Task<(IReadOnlyList<string> Failures, IReadOnlyCollection<string> Dynos)> StopAsync()
    {
        await _stop.CancelAsync();
        await _clients;
        return ([.. _failures], [.. _answers.Keys]);
    }

    public void Dispose() => _stop.Dispose();

    private async Task AskAsync(RunningRouter router, string host)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var (status, body) = await router.GetAsync(host, CancellationToken.None);
                Interlocked.Increment(ref _count);
                if (status == 200)
                {
                    _answers.AddOrUpdate(
                        body.Split('\n')
                            .First(line => line.StartsWith("dyno: ", StringComparison.Ordinal))["dyno: ".Length..],
                        1,
                        (_, n) => n + 1);
                }
                else
                {
                    _failures.Enqueue(
                        $"{status} {body.Split("<small>")[^1].Split('<')[0]} after {Volatile.Read(ref _count)}");
                }
            }
            catch (HttpRequestException e)
            {
                _failures.Enqueue(e.ToString());
            }
        }
    }
}
