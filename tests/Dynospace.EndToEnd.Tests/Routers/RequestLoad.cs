using System.Collections.Concurrent;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>
/// Clients that ask an app without a pause: some over connections that they keep, the others over a new one for each
/// request.
/// </summary>
internal sealed class RequestLoad : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _clients;
    private int _count;

    public RequestLoad(ICaller caller, string address, int port, string host, int clients) =>
        _clients = Task.WhenAll(
            Enumerable.Range(0, clients)
                .Select(client => Task.Run(() => AskAsync(caller, address, port, host, keeps: client % 2 == 0))));

    public int Count => Volatile.Read(ref _count);

    /// <summary>What went wrong so far.</summary>
    public IReadOnlyCollection<string> Failures => [.. _failures];

    /// <summary>Who answered so far.</summary>
    public IReadOnlyCollection<string> Answers => [.. _answers.Keys];

    /// <summary>Waits until so many more were answered, or one was not.</summary>
    public async Task MoreAsync(int requests)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        var goal = Count + requests;
        while (Count < goal && _failures.IsEmpty)
        {
            await Task.Delay(10, bound.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _clients.WaitAsync(Bound, CancellationToken.None);
        _stop.Dispose();
    }

    private async Task AskAsync(ICaller caller, string address, int port, string host, bool keeps)
    {
        using var client = new RouterClient(caller, address, port);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var (status, body) = await client.GetAsync(host, keeps);
                Interlocked.Increment(ref _count);
                if (status == 200)
                {
                    _answers.AddOrUpdate(body.Trim(), 1, (_, n) => n + 1);
                }
                else
                {
                    _failures.Enqueue($"{status} {body.Split("<small>")[^1].Split('<')[0]} after {Count}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                _failures.Enqueue(
                    $"{e.Message} {e.InnerException?.Message} after {Count}, by a client that "
                    + $"{(keeps ? "keeps its connection" : "opens one for each request")}");
            }
        }
    }
}
