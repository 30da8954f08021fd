// Logs: reads and follows the logs of an app's dynos as one stream.

using System.Net;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Logs;

/// <summary>
/// Reads the log of one pod from where it stands, through restarts of its process and lost connections.
/// </summary>
public sealed class LogReader(IPodLogs logs)
{
    private readonly LogPosition _position = new();
    private bool _hasFollowed;

    /// <summary>Reads the last lines, those of the process's previous run included.</summary>
    /// <param name="tail">The number of lines of each run; null for all.</param>
    /// <param name="since">The time of the oldest line; null for any.</param>
    public async Task<List<LogLine>> ReadAsync(
        LogPod state, int? tail, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var lines = new List<LogLine>();
        if (since is { } oldest)
        {
            _position.BeginAt(LogTimes.FromTime(oldest));
        }

        if (!state.HasStarted)
        {
            return lines;
        }

        // At least one line is read, although none may be wanted: it shows where the log stands.
        var query = new LogQuery { Tail = tail is { } count ? Math.Max(count, 1) : null, Since = since };
        if (state.Restarts > 0)
        {
            await CollectAsync(state, query with { Previous = true }, lines, cancellationToken);
        }

        await CollectAsync(state, query, lines, cancellationToken);
        return lines;
    }

    /// <summary>
    /// Passes on every further line until the stream ends, which it does when the process ends or the connection is
    /// lost; then the caller looks at the pod and calls this again.
    /// </summary>
    public async Task FollowAsync(LogPod state, Action<LogLine> add, CancellationToken cancellationToken)
    {
        if (!state.HasStarted)
        {
            return;
        }

        if (_hasFollowed || state.Restarts > 0)
        {
            // What the previous run wrote after the last stream was lost. It is read even if no restart is known: the
            // pod's status lags behind.
            await PassOnAsync(
                state, new LogQuery { Previous = true, Since = _position.Since }, add, cancellationToken);
        }

        _hasFollowed = true;
        await PassOnAsync(
            state, new LogQuery { Follow = !state.HasEnded, Since = _position.Since }, add, cancellationToken);
    }

    /// <summary>Reads one run. If it had more lines than were asked for, earlier ones are not read later.</summary>
    private async Task CollectAsync(
        LogPod state, LogQuery query, List<LogLine> lines, CancellationToken cancellationToken)
    {
        var before = lines.Count;
        await PassOnAsync(state, query, lines.Add, cancellationToken);
        if (lines.Count - before == query.Tail)
        {
            _position.BeginAt(lines[before].Time);
        }
    }

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
