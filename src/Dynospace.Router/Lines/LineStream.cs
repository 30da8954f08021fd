using System.Text;
using System.Threading.Channels;
using Dynospace.Router.Logging;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Lines;

/// <summary>Answers one query with the lines of this process and of the router's other pods.</summary>
internal sealed class LineStream(
    RecentLines lines, ILinePeers peers, ILineAccess access, TimeProvider clock, ILogger logger)
{
    /// <summary>How often a follower checks for new lines of this process.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>How often it checks for new pods: a rollout replaces them.</summary>
    private static readonly TimeSpan PeerLook = TimeSpan.FromSeconds(2);

    /// <summary>How often the reader's access is checked again: rights are withdrawn and tokens expire.</summary>
    private static readonly TimeSpan AccessLook = TimeSpan.FromMinutes(1);

    /// <summary>How many lines are buffered for a slow reader; beyond that the senders wait.</summary>
    private const int Waiting = 1_000;

    /// <summary>How long an answer waits for a pod that does not respond.</summary>
    private static readonly TimeSpan PeerPatience = TimeSpan.FromSeconds(5);

    /// <summary>Writes the existing lines in the order of their times.</summary>
    public async Task WriteAsync(LineQuery query, HttpResponse response, CancellationToken cancellationToken)
    {
        var found = new List<byte[]>(Own(query, 0).Select(line => WireLine.Write(lines.Instance, line)));
        if (!query.IsAlone)
        {
            var addresses = await peers.ListAsync(cancellationToken);
            var answers = await Task.WhenAll(
                addresses.Select(address => ReadPeerAsync(address, query, cancellationToken)));
            found.AddRange(answers.SelectMany(answer => answer));
            // A line begins with its time, which has a fixed length.
            found.Sort(static (one, other) => one.AsSpan().SequenceCompareTo(other));
        }

        foreach (var line in found.Skip(query.Tail is { } tail ? Math.Max(0, found.Count - tail) : 0))
        {
            await response.Body.WriteAsync(line, cancellationToken);
        }
    }

    /// <summary>Writes new lines until the reader leaves or loses access.</summary>
    public async Task FollowAsync(LineQuery query, HttpResponse response, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<byte[]>(Waiting);
        List<Task> tasks =
        [
            FollowOwnAsync(query, channel.Writer, stop.Token),
            WaitForRefusalAsync(query, stop.Token),
            SendAsync(channel.Reader, response, stop.Token),
        ];
        if (!query.IsAlone)
        {
            tasks.Add(FollowPeersAsync(query, channel.Writer, stop.Token));
        }

        var first = await Task.WhenAny(tasks);
        await stop.CancelAsync();
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first.IsFaulted && !cancellationToken.IsCancellationRequested)
        {
            logger.LogDebug(first.Exception, "A stream of lines ended");
        }
    }

    private IEnumerable<RecentLine> Own(LineQuery query, long after)
    {
        var found = lines.After(query.Space, query.App, after);
        return query.Since is { } since ? found.Where(line => line.Ticks >= since.UtcTicks) : found;
    }

    private async Task FollowOwnAsync(
        LineQuery query, ChannelWriter<byte[]> channel, CancellationToken cancellationToken)
    {
        var after = query.Since is null ? lines.Sequence : 0;
        while (true)
        {
            foreach (var line in Own(query, after))
            {
                after = line.Sequence;
                await channel.WriteAsync(WireLine.Write(lines.Instance, line), cancellationToken);
            }

            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    private async Task FollowPeersAsync(
        LineQuery query, ChannelWriter<byte[]> channel, CancellationToken cancellationToken)
    {
        // The list includes this pod: it is recognised by its answer, and not queried again.
        var followed = new Dictionary<string, Task<bool>>(StringComparer.Ordinal);
        while (true)
        {
            foreach (var address in await peers.ListAsync(cancellationToken))
            {
                if (!followed.TryGetValue(address, out var task)
                    || (task.IsCompleted && !(task.IsCompletedSuccessfully && await task)))
                {
                    followed[address] = FollowPeerAsync(address, query, channel, cancellationToken);
                }
            }

            await Task.Delay(PeerLook, clock, cancellationToken);
        }
    }

    /// <summary>
    /// True if the pod is this one. A broken stream is reopened from the query's time on; the reader recognises lines
    /// that it already has by their numbers.
    /// </summary>
    private Task<bool> FollowPeerAsync(
        string address, LineQuery query, ChannelWriter<byte[]> channel, CancellationToken cancellationToken) =>
        PassOnAsync(address, query, line => channel.WriteAsync(line, cancellationToken), cancellationToken);

    private async Task<IReadOnlyList<byte[]>> ReadPeerAsync(
        string address, LineQuery query, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(PeerPatience);
        var found = new List<byte[]>();
        try
        {
            await PassOnAsync(address, query, Add, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogDebug("The router's pod at {Address} does not give its lines in time", address);
        }

        return found;

        ValueTask Add(byte[] line)
        {
            found.Add(line);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Passes on the lines of one pod, unless it is this one. Returns whether it is.</summary>
    private async Task<bool> PassOnAsync(
        string address, LineQuery query, Func<byte[], ValueTask> pass, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await peers.OpenAsync(address, query with { IsAlone = true }, cancellationToken);
            if (IsOwn(response))
            {
                return true;
            }

            if (response.IsSuccessStatusCode)
            {
                using var reader = new StreamReader(
                    await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.Latin1);
                while (await reader.ReadLineAsync(cancellationToken) is { } line)
                {
                    await pass(Encoding.Latin1.GetBytes($"{line}\n"));
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            logger.LogDebug(e, "The lines of the router's pod at {Address} cannot be read", address);
        }

        return false;
    }

    private bool IsOwn(HttpResponseMessage response) =>
        response.Headers.TryGetValues(LineQuery.InstanceHeader, out var instances)
        && instances.Contains(lines.Instance);

    private async Task WaitForRefusalAsync(LineQuery query, CancellationToken cancellationToken)
    {
        do
        {
            await Task.Delay(AccessLook, clock, cancellationToken);
        }
        while (await access.JudgeAsync(query.Token, query.Space, cancellationToken)
            is LineVerdict.Allowed or LineVerdict.Unavailable);
    }

    private static async Task SendAsync(
        ChannelReader<byte[]> channel, HttpResponse response, CancellationToken cancellationToken)
    {
        while (await channel.WaitToReadAsync(cancellationToken))
        {
            while (channel.TryRead(out var line))
            {
                await response.Body.WriteAsync(line, cancellationToken);
            }

            await response.Body.FlushAsync(cancellationToken);
        }
    }
}
