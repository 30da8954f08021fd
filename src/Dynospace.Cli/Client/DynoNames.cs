using System.CommandLine;
using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Client;

/// <summary>
/// Dynos by the names that people use, <c>web.1</c>: those of runs are not the names of their objects.
/// </summary>
public static class DynoNames
{
    /// <summary>The number; 0 for a run that the operator has not given one yet.</summary>
    public static int NumberOf(Dyno dyno) => dyno.Spec.Index > 0 ? dyno.Spec.Index : dyno.Status?.Index ?? 0;

    public static string Display(Dyno dyno) => NumberOf(dyno) is > 0 and var number
        ? string.Create(CultureInfo.InvariantCulture, $"{dyno.Spec.ProcessType}.{number}")
        : Short(dyno.Spec.App, dyno.Metadata.Name);

    /// <summary>The name in a list: of one app as it is, of all apps with the app's name before it.</summary>
    /// <param name="app">The app of the list; null for all apps.</param>
    public static string InList(Dyno dyno, App? app) =>
        app is null ? $"{dyno.Spec.App}.{Display(dyno)}" : Display(dyno);

    /// <summary>A name without the app's.</summary>
    public static string Short(string app, string dyno) =>
        dyno.StartsWith($"{app}.", StringComparison.Ordinal) ? dyno[(app.Length + 1)..] : dyno;

    /// <summary>Sorts dynos by app, then web before other process types, then by number.</summary>
    public static string OrderOf(Dyno dyno) => string.Create(
        CultureInfo.InvariantCulture,
        $"{dyno.Spec.App} {(dyno.Spec.ProcessType == ProcessTypes.Web ? 0 : 1)} {dyno.Spec.ProcessType} "
        + $"{NumberOf(dyno):D6}");
}

/// <summary>The options that narrow a verb to process types or dynos of an app.</summary>
public sealed class DynoFilter
{
    private readonly Option<string[]> _types = new("--process", "-p")
    {
        Description = "Only this process type. May be given more than once.",
        HelpName = "TYPE",
    };
    private readonly Option<string[]> _dynos = new("--dyno", "-d")
    {
        Description = "Only this dyno, as in web.1. May be given more than once.",
        HelpName = "DYNO",
    };

    public DynoFilter(ClientOptions options)
    {
        options.Complete(_types, TypesAsync);
        options.Complete(_dynos, async (session, token) =>
            (await session.DynosAsync((await session.AppAsync(token)).Metadata.Name, token)).Select(DynoNames.Display));
    }

    public IReadOnlyList<Option> All => [_types, _dynos];

    /// <summary>The process types of the session's app.</summary>
    public static async Task<IEnumerable<string>> TypesAsync(Session session, CancellationToken cancellationToken) =>
        TypesOf(await session.AppAsync(cancellationToken));

    /// <param name="isOfFormation">Whether runs and release phases cannot be named.</param>
    /// <exception cref="CliException">A named part does not exist.</exception>
    public async Task<(IReadOnlyList<string> Types, IReadOnlyList<string> Dynos)> ReadAsync(
        ParseResult parsed, Session session, App app, bool isOfFormation, CancellationToken cancellationToken)
    {
        var types = parsed.GetValue(_types) ?? [];
        var dynos = (parsed.GetValue(_dynos) ?? []).Select(name => DynoNames.Short(app.Metadata.Name, name)).ToList();
        if (types.Length + dynos.Count > 0)
        {
            var existing = await session.DynosAsync(app.Metadata.Name, cancellationToken);
            HashSet<string> known =
            [
                .. TypesOf(app),
                .. isOfFormation ? [] : existing.Select(dyno => dyno.Spec.ProcessType),
            ];
            Names.Check(app, "process type", types, known);
            Names.Check(
                app,
                "dyno",
                dynos,
                [.. existing.Where(dyno => known.Contains(dyno.Spec.ProcessType)).Select(DynoNames.Display)]);
        }

        return (types, dynos);
    }

    private static IEnumerable<string> TypesOf(App app) => (app.Spec.Processes ?? []).Select(process => process.Type);
}
