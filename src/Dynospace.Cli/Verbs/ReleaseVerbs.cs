using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace releases</c>, <c>rollback</c> and <c>restart</c>.</summary>
public sealed class ReleaseVerbs
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;
    private readonly AppChanger _changer;
    private readonly Argument<string?> _release = new("RELEASE")
    {
        Description = "The release to run again, as in v41; left out, the one before the current.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly DynoFilter _part;

    private ReleaseVerbs(CliEnvironment environment)
    {
        (_environment, _options) = (environment, new(environment));
        _changer = new(environment, _options);
        _options.Complete(_release, async (session, token) =>
            (await session.ReleasesAsync(await session.AppAsync(token), token))
                .Select(stored => ReleaseTexts.Number(stored.Record.Number)));
        _part = new(_options);
    }

    public static IEnumerable<Command> Create(CliEnvironment environment)
    {
        yield return new ReleaseVerbs(environment).Releases();
        yield return new ReleaseVerbs(environment).Rollback();
        yield return new ReleaseVerbs(environment).Restart();
    }

    private Command Releases() =>
        _options.Command("releases", "List the releases of an app, the newest first.", """
            CHANGED names what differs from the release before, never a value. BY is the field manager that changed
            the App, CAUSE its annotation kubernetes.io/change-cause.

            Examples:
              dynospace releases -a shop
              dynospace releases -a shop -o json

            """, [], ListAsync);

    private async Task<int> ListAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var app = await session.AppAsync(cancellationToken);
        var releases = await session.ReleasesAsync(app, cancellationToken);
        var rows = releases.Select((stored, index) => (
            stored.Record,
            stored.Revision.Metadata.CreationTimestamp,
            By: Annotation(stored.Revision, Annotations.ChangedBy),
            Cause: Annotation(stored.Revision, ReleaseOrigin.CauseAnnotation),
            Changed: index == 0 && stored.Record.Number > 1
                ? null
                : ReleaseTexts.Changes(index == 0 ? null : releases[index - 1].Record, stored.Record),
            State: ReleaseTexts.StateOf(app, stored.Record.Number))).Reverse().ToList();
        if (_options.FormatOf(parsed) != OutputFormat.Text)
        {
            _options.Print(parsed, new JsonArray([.. rows.Select(row => new JsonObject
            {
                ["release"] = row.Record.Number,
                ["time"] = row.CreationTimestamp,
                ["state"] = row.State,
                ["changed"] = row.Changed is null
                    ? null
                    : new JsonArray([.. row.Changed.Select(change => JsonValue.Create(change))]),
                ["by"] = row.By,
                ["cause"] = row.Cause,
                ["image"] = row.Record.Image,
                ["rollbackTo"] = row.Record.IsRollback ? row.Record.RollbackTo : null,
            })]));
            return 0;
        }

        var table = new TextTable("RELEASE", "AGE", "STATE", "CHANGED", "BY", "CAUSE");
        foreach (var row in rows)
        {
            table.Add(
                ReleaseTexts.Number(row.Record.Number),
                Ages.Since(row.CreationTimestamp, _environment.Clock),
                row.State,
                string.Join(", ", row.Changed ?? []),
                row.By,
                row.Cause);
        }

        table.Write(_environment.Out);
        return 0;
    }

    private Command Rollback() =>
        _options.Command("rollback", "Run an older release again, as one more release.", """
            Sets spec.rollbackTo. The rollback holds until image, config, commands or Secrets of the spec change; then
            the changed spec goes out. Numbers and sizes of dynos are not part of releases.

            Examples:
              dynospace rollback -a shop
              dynospace rollback -a shop v41

            """, [_release, _changer.Option], RollBackAsync);

    private async Task<int> RollBackAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var current = await session.AppAsync(cancellationToken);
        var releases = (await session.ReleasesAsync(current, cancellationToken)).Select(stored => stored.Record)
            .ToList();
        var target = RollbackTarget.Choose(current, releases, parsed.GetValue(_release));
        var (asked, field) = (ReleaseTexts.Number(target.Asked), target.Field);
        return await _changer.ChangeAsync(
            parsed,
            session,
            app => app.Spec.RollbackTo == field
                ? null
                : new AppChange($"dynospace rollback {asked}", new JsonObject { ["rollbackTo"] = field }),
            $"rolling back to {asked}: dynospace releases -a {current.Metadata.Name} shows the new release",
            cancellationToken);
    }

    private Command Restart() =>
        _options.Command("restart", "Replace the dynos of an app, without a release.", """
            A quarter of each process type is replaced at a time, new dynos before old ones stop. GitOps tools do not
            undo it: the annotation that it sets (dynospace.dev/restarted-at) is not part of the spec.

            Examples:
              dynospace restart -a shop
              dynospace restart -a shop -p web
              dynospace restart -a shop -d web.1

            """, _part.All, RestartAsync, prints: false);

    private async Task<int> RestartAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var app = await session.AppAsync(cancellationToken);
        var (types, dynos) = await _part.ReadAsync(parsed, session, app, isOfFormation: true, cancellationToken);
        List<string> parts = [.. types, .. dynos];
        var now = _environment.Clock.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var annotations = new JsonObject();
        foreach (var part in parts)
        {
            annotations[Annotations.RestartedAtOf(part)] = now;
        }

        if (parts.Count == 0)
        {
            // A restart of everything replaces earlier ones of parts.
            annotations[Annotations.RestartedAt] = now;
            foreach (var name in (app.Metadata.Annotations?.Keys ?? Enumerable.Empty<string>())
                .Where(name => name.StartsWith($"{Annotations.RestartedAt}.", StringComparison.Ordinal)))
            {
                annotations[name] = null;
            }
        }

        await session.Transport.PatchAsync(
            ClientKinds.App,
            new ObjectKey(session.Space, app.Metadata.Name),
            PatchFormat.Merge,
            new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } },
            new WriteQuery { FieldManager = CliEnvironment.ClientName },
            cancellationToken);
        var what = parts.Count == 0 ? app.Metadata.Name : string.Join(", ", parts);
        await _environment.Error.WriteLineAsync(
            $"restarting {what}, a quarter at a time: dynospace ps -a {app.Metadata.Name} --watch shows it");
        return 0;
    }

    private static string? Annotation(V1ControllerRevision revision, string name) =>
        revision.Metadata.Annotations?.TryGetValue(name, out var value) == true ? value : null;
}

/// <summary>Pure: which release a rollback is to.</summary>
/// <param name="Asked">The release whose content is wanted.</param>
/// <param name="Field">The number for <c>spec.rollbackTo</c>. If the field already has <paramref name="Asked"/>, it is
/// another release with the same content, since the operator rolls back to a number only once.</param>
internal sealed record RollbackTarget(long Asked, long Field)
{
    public static RollbackTarget Choose(App app, IReadOnlyList<ReleaseRecord> releases, string? text)
    {
        var current = app.Status?.Release ?? 0;
        var number = text is null ? Before(app, releases, current) : Parse(text);
        Names.Check(
            app,
            "release",
            [ReleaseTexts.Number(number)],
            [.. releases.Select(release => ReleaseTexts.Number(release.Number))]);

        var newest = releases.MaxBy(release => release.Number)!;
        var isSpent = newest.RollbackTo == number && app.Spec.RollbackTo == number && !newest.IsRollback;
        var same = isSpent
            ? releases.Where(release => release.IsRollback && release.RollbackTo == number)
                .MaxBy(release => release.Number)
            : null;
        return new(number, same?.Number ?? number);
    }

    /// <summary>The newest release before the current one with other content.</summary>
    private static long Before(App app, IReadOnlyList<ReleaseRecord> releases, long current)
    {
        var hash = releases.FirstOrDefault(release => release.Number == current)?.Hash;
        return releases.Where(release => release.Number < current && release.Hash != hash)
            .MaxBy(release => release.Number)?.Number
            ?? throw new CliException(
                $"app {app.Metadata.Name} has no release before {ReleaseTexts.Number(current)} to go back to.");
    }

    private static long Parse(string text) =>
        long.TryParse(text.TrimStart('v'), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number > 0
            ? number
            : throw new CliException($"'{text}' is not a release: write its number, such as v41.");
}

/// <summary>Pure: releases as text.</summary>
internal static class ReleaseTexts
{
    public static string Number(long number) => string.Create(CultureInfo.InvariantCulture, $"v{number}");

    /// <summary>What differs from the release before: names only, no values.</summary>
    public static IReadOnlyList<string> Changes(ReleaseRecord? before, ReleaseRecord release)
    {
        if (release.IsRollback)
        {
            return [$"rollback to {Number(release.RollbackTo!.Value)}"];
        }

        if (before is null)
        {
            return ["first release"];
        }

        List<string> changes =
        [
            .. before.Image == release.Image ? [] : new[] { $"image {Tag(release.Image)}" },
            .. Keys("config", before.Config, release.Config, (left, right) => left == right),
            .. before.ConfigFrom.SequenceEqual(release.ConfigFrom) ? [] : new[] { "configFrom" },
            .. Keys("command", before.Commands, release.Commands, (left, right) => left.SequenceEqual(right)),
            .. Keys("health check", before.HealthCheckPaths, release.HealthCheckPaths, (left, right) => left == right),
            .. before.ReleaseCommand.SequenceEqual(release.ReleaseCommand) ? [] : new[] { "release command" },
            .. before.ImagePullSecrets.SequenceEqual(release.ImagePullSecrets)
                ? []
                : new[] { "imagePullSecrets" },
        ];
        return changes.Count > 0 || before.Hash == release.Hash
            ? changes
            : release.ConfigFrom.Count > 0
                ? [$"values of Secret {string.Join(" or ", release.ConfigFrom)}"]
                : ["another field"];
    }

    public static string StateOf(App app, long number)
    {
        var current = app.Status?.Release;
        var released = Conditions.Find(app.Status?.Conditions, ConditionTypes.Released);
        if (number == current)
        {
            return released is { Status: not "True", Reason: nameof(Reasons.RollingOut) } ? "rolling out" : "current";
        }

        return number > current || current is null
            ? released?.Reason switch
            {
                nameof(Reasons.ReleasePhaseFailed) => "release phase failed",
                nameof(Reasons.ReleasePhaseRunning) => "release phase runs",
                _ => "not out yet",
            }
            : "replaced";
    }

    private static IEnumerable<string> Keys<T>(
        string what, IReadOnlyDictionary<string, T> before, IReadOnlyDictionary<string, T> after,
        Func<T, T, bool> isSame) => before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
        .Select(key => (before.TryGetValue(key, out var old), after.TryGetValue(key, out var now)) switch
        {
            (true, false) => $"{what} -{key}",
            (false, true) => $"{what} +{key}",
            _ => isSame(old!, now!) ? null : $"{what} {key}",
        })
        .OfType<string>();

    /// <summary>The end of an image's name, by which people know their builds.</summary>
    private static string Tag(string image) => image[(image.LastIndexOf('/') + 1)..];
}
