// Verbs: the verbs that ask the cluster of a kubeconfig, one file for each or for a few that share their work.

using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Verbs;

// The daily verbs, one file for each group that shares a subject. Each reads or changes the cluster of the kubeconfig
// with the rights of its user; none of them needs the operator's own.

/// <summary><c>dynospace spaces</c>, <c>apps</c> and <c>ps</c>: lists of objects and their state.</summary>
public sealed class ListVerbs
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;
    private readonly Option<bool> _watch = new("--watch", "-w")
    {
        Description = "Go on, and print a line for each change.",
    };

    private ListVerbs(CliEnvironment environment) => (_environment, _options) = (environment, new(environment));

    public static IEnumerable<Command> Create(CliEnvironment environment)
    {
        yield return new ListVerbs(environment).Spaces();
        yield return new ListVerbs(environment).Apps();
        yield return new ListVerbs(environment).Ps();
    }

    private Command Spaces() =>
        _options.Command("spaces", "List the spaces.", """
            Listing Spaces needs a role of the platform team. Members of a space name it with -s or by their context.

            Examples:
              dynospace spaces
              dynospace spaces -o json

            """,
            [_watch],
            (parsed, session, stop) => ListAsync(
                parsed,
                session,
                ClientKinds.Space,
                null,
                ["NAME", "RUNTIME", "REGION", "DYNOS", "OUTBOUND IPS", "READY", "REASON", "AGE"],
                (Space space) =>
                [
                    space.Metadata.Name,
                    space.Spec.Runtime.ToString(),
                    space.Spec.Region,
                    space.Status?.Dynos,
                    string.Join(", ", space.Status?.OutboundIPs ?? []),
                    .. Readiness(space.Status?.Conditions, ConditionTypes.Ready),
                    Ages.Since(space.Metadata.CreationTimestamp, _environment.Clock),
                ],
                stop),
            takesApp: false);

    private Command Apps() =>
        _options.Command("apps", "List the apps of a space.", """
            Examples:
              dynospace apps
              dynospace apps -s acme-prod --watch

            """,
            [_watch],
            (parsed, session, stop) => ListAsync(
                parsed,
                session,
                ClientKinds.App,
                session.Space,
                ["NAME", "FORMATION", "UP", "RELEASE", "HOST", "READY", "REASON", "AGE"],
                (App app) =>
                [
                    app.Metadata.Name,
                    app.Status?.Formation,
                    app.Status?.Dynos,
                    Release(app.Status?.Release),
                    app.Status?.Hosts?.LastOrDefault(),
                    .. Readiness(app.Status?.Conditions, ConditionTypes.Ready),
                    Ages.Since(app.Metadata.CreationTimestamp, _environment.Clock),
                ],
                stop),
            takesApp: false);

    private Command Ps() =>
        _options.Command("ps", "List dynos: what each does, since when, and where.", """
            Without -a, lists the dynos of all apps of the space. SINCE is how long the dyno has been in its state;
            LAST EXIT is how and when its process last ended.

            Examples:
              dynospace ps -a shop
              dynospace ps -a shop --watch

            """,
            [_watch],
            async (parsed, session, stop) =>
            {
                var app = session.HasApp ? await session.AppAsync(stop) : null;
                return await ListAsync(
                    parsed,
                    session,
                    ClientKinds.Dyno,
                    session.Space,
                    ["NAME", "STATE", "SINCE", "RELEASE", "SIZE", "ADDRESS", "NODE", "RESTARTS", "LAST EXIT", "REASON"],
                    (Dyno dyno) => app is not null && dyno.Spec.App != app.Metadata.Name ? null : Cells(dyno, app),
                    stop);
            });

    private string?[] Cells(Dyno dyno, App? app) =>
    [
        DynoNames.InList(dyno, app),
        (dyno.Status?.State ?? DynoState.Pending).ToString(),
        Ages.Since(DynoTimes.SinceOf(dyno), _environment.Clock),
        Release(dyno.Status?.Release ?? dyno.Spec.Release),
        dyno.Spec.Size,
        dyno.Status?.PodIP,
        dyno.Status?.Node,
        dyno.Status?.Restarts?.ToString(CultureInfo.InvariantCulture),
        LastExit(dyno.Status),
        Readiness(dyno.Status?.Conditions, ConditionTypes.Up)[1],
    ];

    private string LastExit(DynoStatus? status)
    {
        if (status?.ExitCode is not { } code)
        {
            return "";
        }

        var word = status.ExitReason is { Length: > 0 } reason and not ("Completed" or "Error") ? $" {reason}" : "";
        var when = status.ExitedAt is { } time ? $", {Ages.Since(time, _environment.Clock)} ago" : "";
        return $"{code.ToString(CultureInfo.InvariantCulture)}{word}{when}";
    }

    private static string Release(long? number) =>
        number is { } release ? ReleaseTexts.Number(release) : "";

    /// <summary>Status and reason of a condition.</summary>
    private static string[] Readiness(IList<V1Condition>? conditions, string type) =>
        Conditions.Find(conditions, type) is { } found
            ? [found.Status, found.Reason]
            : ["Unknown", ""];

    private async Task<int> ListAsync<T>(
        ParseResult parsed, Session session, ResourceKind kind, string? space, string[] headings,
        Func<T, string?[]?> cells, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var isFirst = true;
        await foreach (var news in new ClusterFollower(session.Transport, _environment.Clock)
            .FollowAsync<T>(kind, space, null, cancellationToken))
        {
            var table = new TextTable(headings);
            var shown = (news.All ?? [news.Object!]).Select(item => new Row<T>(item, cells(item)))
                .Where(row => row.Cells is not null)
                .OrderBy(row => row.Order, StringComparer.Ordinal)
                .ToList();
            if (_options.FormatOf(parsed) != OutputFormat.Text)
            {
                Print(parsed, kind, shown.Select(row => row.Item));
            }
            else if (shown.Count == 0 && isFirst)
            {
                if (kind != ClientKinds.Space)
                {
                    await session.RequireSpaceAsync(cancellationToken);
                }

                await _environment.Error.WriteLineAsync("There are none.");
            }
            else if (shown.Count > 0)
            {
                shown.ForEach(row => table.Add(row.Cells!));
                table.Write(_environment.Out, withHeadings: isFirst);
            }

            isFirst = isFirst && shown.Count == 0;
            if (!parsed.GetValue(_watch))
            {
                return 0;
            }
        }

        return 0;
    }

    /// <summary>A class, since code for lists of structs would be compiled while the program runs.</summary>
    private sealed record Row<T>(T Item, string?[]? Cells)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        public string Order => Item is Dyno dyno ? DynoNames.OrderOf(dyno) : Item.Metadata.Name;
    }

    private void Print<T>(ParseResult parsed, ResourceKind kind, IEnumerable<T> items)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var list = new JsonArray();
        foreach (var item in items)
        {
            item.Metadata.ManagedFields = null;
            (item.ApiVersion, item.Kind) = (kind.ApiVersion, kind.Kind);
            list.Add(JsonObjects.From(item));
        }

        _options.Print(parsed, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = list });
    }
}

/// <summary>Pure: times of a dyno.</summary>
internal static class DynoTimes
{
    /// <summary>
    /// Since when a dyno is in its state. If the status does not say so, since an earlier operator wrote it, when the
    /// process came up or went down.
    /// </summary>
    public static DateTime? SinceOf(Dyno dyno) => dyno.Status?.Since
        ?? Conditions.Find(dyno.Status?.Conditions, ConditionTypes.Up)?.LastTransitionTime
        ?? dyno.Metadata.CreationTimestamp;
}
