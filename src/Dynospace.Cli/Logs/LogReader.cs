using System.Net;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Logs;

/// <summary>
/// Reads the log of one pod from where it stands, through restarts of its process and lost connections.
/// </summary>
internal sealed class LogReader(IPodLogs logs, string pod)
{
    private readonly LogPosition _position = new();
    private bool _hasFollowed;

    public string Pod => pod;

    /// <summary>The last lines that there are, the run before the present one included.</summary>
    /// <param name="tail">At most so many; null for all.</param>
    /// <param name="since">None that is older.</param>
    public async Task<List<LogLine>> ReadAsync(
        LogPod state, int? tail, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var lines = new List<LogLine>();
        if (!state.HasStarted)
        {
            return lines;
        }

        var query = new LogQuery { Tail = tail, Since = since };
        if (state.Restarts > 0)
        {
            await CollectAsync(state, query with { Previous = true }, lines, cancellationToken);
        }

        await CollectAsync(state, query, lines, cancellationToken);
        return lines;
    }

    /// <summary>
    /// Passes on every further line until the stream ends, which it does when the process ends or the connection is
    /// lost; then the caller looks at the pod and comes again.
    /// </summary>
    /// <param name="since">For a first reading: none that is older.</param>
    public async Task FollowAsync(
        LogPod state, DateTimeOffset? since, Action<LogLine> add, CancellationToken cancellationToken)
    {
        if (!state.HasStarted)
        {
            return;
        }

        var from = _position.Since ?? since;
        if (_hasFollowed || state.Restarts > 0)
        {
            // What the run before wrote after the last stream was lost. Whether there was another run since is not
            // asked: the pod's status is behind.
            await PassOnAsync(
                state, new LogQuery { Previous = true, Since = from }, add, cancellationToken);
        }

        _hasFollowed = true;
        await PassOnAsync(
            state,
            new LogQuery { Follow = !state.HasEnded, Since = _position.Since ?? since },
            add,
            cancellationToken);
    }

    private Task CollectAsync(
        LogPod state, LogQuery query, List<LogLine> lines, CancellationToken cancellationToken) =>
        PassOnAsync(state, query, lines.Add, cancellationToken);

    private async Task PassOnAsync(
        LogPod state, LogQuery query, Action<LogLine> add, CancellationToken cancellationToken)
    {
        _position.Rewind();
        Stream stream;
        try
        {
            stream = await logs.OpenAsync(state, query, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == HttpStatusCode.BadRequest)
        {
            // The pod is gone, or its container waits, or no log of its last run is left.
            return;
        }

        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (LogTimes.Split(line) is var (time, text) && _position.Advance(time, text))
            {
                add(new LogLine(time, state.Dyno, state.Source, state.Name, text));
            }
        }
    }
}
