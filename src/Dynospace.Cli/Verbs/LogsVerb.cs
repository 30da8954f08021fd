using System.CommandLine;
using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Cli.Client;
using Dynospace.Cli.Commands;
using Dynospace.Cli.Logs;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Cli.Verbs;

/// <summary>
/// <c>dynospace logs</c>: what the dynos of an app write and its router says of their requests, merged.
/// </summary>
public sealed class LogsVerb
{
    private const int UsualLines = 100;

    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;
    private readonly Option<bool> _tail = new("--tail", "-t", "--follow", "-f")
    {
        Description = "Go on with what is written from now on, through restarts and releases.",
    };
    private readonly Option<int> _lines = new("--num", "-n")
    {
        Description = "How many of the last lines to show; 0 for none.",
        HelpName = "LINES",
        DefaultValueFactory = _ => UsualLines,
    };
    private readonly DynoFilter _part;
    private readonly Option<string?> _source = new("--source", "-s")
    {
        Description = "Only app (dynos), release (release phases), router (requests) or recorder (typed keys).",
        HelpName = "SOURCE",
    };
    private readonly Option<TimeSpan?> _since = new("--since")
    {
        Description = "Only what is younger, as in 10m or 1h; all of it, unless -n is given.",
        HelpName = "TIME",
        CustomParser = result => DurationParser.Parse(result),
    };

    private LogsVerb(CliEnvironment environment)
    {
        (_environment, _options) = (environment, new(environment, hasShortSpace: false));
        _part = new(_options);
        _lines.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                result.AddError($"--num '{token.Value}' is not a number of lines: use 0 or more.");
            }
        });
        _source.CompletionSources.Add(
            LogSources.App, LogSources.Release, LogSources.Router, LogSources.Recorder);
    }

    public static Command Create(CliEnvironment environment)
    {
        var verb = new LogsVerb(environment);
        return verb._options.Command("logs", "Show what the dynos of an app write, and its requests.", """
            Lines of all dynos are merged by their times and begin with time and dyno, app[web.1]:. A dyno's log goes
            when its pod goes; keep logs for longer by a collector of the cluster. The router writes a line for each
            request, dynospace[router]:, and keeps some four hundred of an app. What is typed into a run of a Shield
            space is recorded, dynospace[run.9157]:.

            Examples:
              dynospace logs -a shop -t
              dynospace logs -a shop -p web -n 20
              dynospace logs -a shop -s router -t
              dynospace logs -a shop --since 1h -o json

            """,
            [verb._tail, verb._lines, .. verb._part.All, verb._source, verb._since],
            verb.RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        if (_options.FormatOf(parsed) == OutputFormat.Yaml)
        {
            throw new CliException("--output 'yaml' is not known for logs: use text or json.");
        }

        var app = await session.AppAsync(cancellationToken);
        var filter = await FilterAsync(parsed, session, app, cancellationToken);
        var isNumbered = parsed.GetResult(_lines) is { Implicit: false };
        var since = parsed.GetValue(_since) is { } age ? _environment.Clock.GetUtcNow() - age : (DateTimeOffset?)null;
        int? tail = since is not null && !isNumbered ? null : parsed.GetValue(_lines);
        var writer = new LogWriter(
            _environment.Out, _options.FormatOf(parsed) == OutputFormat.Json, _environment.IsTerminal);
        var (router, requests) = await RouterAsync(session, app, filter, tail, since, cancellationToken);
        var follower = new LogFollower(new PodLogs(session), filter, _environment.Clock, router);
        var labels = $"{Labels.App}={app.Metadata.Name}";
        var pods = await session.ListAsync<V1Pod>(ClientKinds.Pod, session.Space, labels, cancellationToken);
        var seen = await follower.ReadAsync(
            pods.SelectMany(pod => LogPod.AllFromPod(pod, app.Metadata.Name)),
            requests,
            tail,
            since,
            cancellationToken);
        Show(seen);
        if (!parsed.GetValue(_tail))
        {
            return 0;
        }

        try
        {
            await follower.FollowAsync(
                new ClusterFollower(session.Transport, _environment.Clock)
                    .FollowAsync<V1Pod>(ClientKinds.Pod, session.Space, labels, cancellationToken),
                app.Metadata.Name,
                Show,
                cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how following ends.
        }

        return 0;

        void Show(IEnumerable<LogLine> lines)
        {
            foreach (var line in lines)
            {
                writer.Write(line);
            }

            writer.Flush();
        }
    }

    private async Task<LogFilter> FilterAsync(
        ParseResult parsed, Session session, App app, CancellationToken cancellationToken)
    {
        var source = parsed.GetValue(_source);
        if (source is not (null or LogSources.App or LogSources.Release or LogSources.Router or LogSources.Recorder))
        {
            throw new CliException($"--source '{source}' is not known: use app, release, router or recorder.");
        }

        var (types, dynos) = await _part.ReadAsync(parsed, session, app, isOfFormation: false, cancellationToken);
        return new LogFilter(types, dynos, source);
    }

    /// <summary>
    /// The router's log and its last lines, unless only dynos are asked for. If it cannot be read, a warning gives the
    /// reason, and the lines of dynos are shown without it.
    /// </summary>
    private async Task<(RouterLog? Log, IReadOnlyList<LogLine> Lines)> RouterAsync(
        Session session,
        App app,
        LogFilter filter,
        int? tail,
        DateTimeOffset? since,
        CancellationToken cancellationToken)
    {
        var isWanted = filter.Source == LogSources.Router;
        if (!isWanted && (filter.Source is not null || filter.Types.Count + filter.Dynos.Count > 0))
        {
            return (null, []);
        }

        try
        {
            var log = new RouterLog(
                await RouterLogReader.FindAsync(session, app, cancellationToken), _environment.Clock);
            return (log, await log.ReadAsync(tail, since, cancellationToken));
        }
        catch (Exception e) when (!isWanted && e is CliException or ApiException)
        {
            await _environment.Error.WriteLineAsync($"dynospace: without the router's lines: {e.Message}");
            return (null, []);
        }
    }
}
