using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Routers;
using Dynospace.Router.Lines;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Logs;

/// <summary>Reads the lines of an app's requests from its router; tests replace it.</summary>
public interface IRouterLines
{
    /// <summary>Opens lines that begin with their time, the router's process and a number that grows in it.</summary>
    Task<Stream> OpenAsync(LogQuery query, CancellationToken cancellationToken);
}

/// <summary>
/// The lines of an app's requests, of all pods of its router, through lost connections and rollouts of the router. Each
/// process numbers its lines, so none is shown twice; what a pod had not passed on when it ended is lost with it.
/// </summary>
public sealed class RouterLog(IRouterLines lines, TimeProvider clock)
{
    private const string Name = "router";
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Pods of a router pass on their lines at different speeds: so far back is asked for again.</summary>
    private const long Overlap = 10 * NanosecondsPerSecond;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);
    private long _floor = long.MinValue;
    private long _newest = long.MinValue;

    /// <summary>Reads the last lines.</summary>
    /// <param name="tail">Their number; null for all.</param>
    /// <param name="since">The time of the oldest; null for any.</param>
    public async Task<List<LogLine>> ReadAsync(
        int? tail, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        if (since is { } oldest)
        {
            _floor = LogTimes.FromTime(oldest);
        }

        // At least one line is read, although none may be wanted: it shows where the log stands.
        var query = new LogQuery { Tail = tail is { } count ? Math.Max(count, 1) : null, Since = since };
        List<LogLine> found = [];
        await PassOnAsync(query, found.Add, cancellationToken);
        if (found.Count > 0 && found.Count == query.Tail)
        {
            _floor = found.Min(line => line.Time);
        }

        return found;
    }

    /// <summary>Passes on every further line until cancelled or refused.</summary>
    public async Task FollowAsync(Action<LogLine> add, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var since = _newest == long.MinValue ? _floor : Math.Max(_floor, _newest - Overlap);
                await PassOnAsync(
                    new LogQuery
                    {
                        Follow = true,
                        Since = since == long.MinValue ? DateTimeOffset.UnixEpoch : LogTimes.ToTime(since),
                    },
                    add,
                    cancellationToken);
            }
            catch (Exception e) when (ClusterFollower.IsPassing(e))
            {
                // The connection is lost, or the router is being replaced.
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private async Task PassOnAsync(LogQuery query, Action<LogLine> add, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await lines.OpenAsync(query, cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (LogTimes.Split(line) is var (time, rest)
                && rest.Split(' ', 3) is [var process, var number, var text]
                && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                && time >= _floor
                && sequence > _seen.GetValueOrDefault(process))
            {
                _seen[process] = sequence;
                _newest = Math.Max(_newest, time);
                add(new LogLine(time, Name, LogSources.Router, process, text));
            }
        }
    }
}

/// <summary>
/// Asks the router through the API server's proxy. The router identifies the user by the kubeconfig's token.
/// </summary>
public sealed class RouterLogReader(Session session, string app, RouterLines where, string token)
    : IRouterLines
{
    /// <summary>Where an app's router gives its lines, as its space's policies say.</summary>
    /// <exception cref="CliException">There is no such place, or the user has no token.</exception>
    public static async Task<RouterLogReader> FindAsync(Session session, App app, CancellationToken cancellationToken)
    {
        var policy = app.Spec.InternalRouting ? PolicyNames.InternalRouterToWeb : PolicyNames.RouterToWeb;
        var where = await WhereAsync(session, policy, cancellationToken)
            ?? throw new CliException(
                $"space {session.Space} has no router that gives its lines: requests of a gateway of the cluster's "
                + "own are in that gateway's log.");
        var token = await TokenAsync(session.Client, cancellationToken)
            ?? throw new CliException(
                "the kubeconfig's user signs in without a token, by which alone a router learns who asks for its "
                + "lines: use a user that has one, such as kubectl create token makes.");
        return new RouterLogReader(session, app.Metadata.Name, where, token);
    }

    public async Task<Stream> OpenAsync(LogQuery query, CancellationToken cancellationToken)
    {
        var wanted = new LineQuery(session.Space, app, token)
        {
            Follow = query.Follow,
            Since = query.Since,
            Tail = query.Tail,
        };
        return await session.Transport.OpenTextAsync(
            ClientKinds.Service,
            new ObjectKey(where.Namespace, where.ProxyName),
            $"proxy{LineQuery.Path}",
            wanted.ToParameters(),
            cancellationToken,
            new Dictionary<string, string> { [LineQuery.TokenHeader] = wanted.Token });
    }

    private static async Task<RouterLines?> WhereAsync(
        Session session, string policy, CancellationToken cancellationToken)
    {
        try
        {
            var found = JsonObjects.To<V1NetworkPolicy>(
                await session.Transport.GetAsync(
                    ClientKinds.NetworkPolicy, new ObjectKey(session.Space, policy), cancellationToken));
            return found.Metadata.Annotations?.TryGetValue(Annotations.RouterLines, out var where) == true
                ? RouterLines.Parse(where)
                : null;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>From the kubeconfig itself, or a file or program that it names; null for other credentials.</summary>
    private static async Task<string?> TokenAsync(Kubernetes client, CancellationToken cancellationToken)
    {
        if (client.Credentials is null)
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, client.BaseUri);
        await client.Credentials.ProcessHttpRequestAsync(request, cancellationToken);
        return request.Headers.Authorization is { Scheme: "Bearer", Parameter: { Length: > 0 } token } ? token : null;
    }
}
