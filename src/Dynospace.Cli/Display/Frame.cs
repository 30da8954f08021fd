using System.Globalization;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dynospace.Cli.Display;

/// <summary>All that a screen shows at one moment.</summary>
/// <param name="Place">Where the cluster is.</param>
/// <param name="Tree">Spaces, apps and dynos.</param>
/// <param name="Waiting">What is not applied yet, and why.</param>
/// <param name="Web">Where routers are, and how to ask each app.</param>
/// <param name="ReadyAfter">How long it took until everything was ready for the first time; null before.</param>
public sealed record Frame(
    Place Place, IReadOnlyList<SpaceNode> Tree, IReadOnlyList<string> Waiting, WebView Web, TimeSpan? ReadyAfter);

/// <summary>Where the cluster is, as people type it.</summary>
/// <param name="Address">The API server.</param>
/// <param name="Kubeconfig">The kubeconfig's path.</param>
/// <param name="LogFile">The operator's log.</param>
/// <param name="RouterLogFile">The routers' log.</param>
public sealed record Place(Uri Address, string Kubeconfig, string LogFile, string RouterLogFile)
{
    /// <summary>What it is.</summary>
    public string Nature { get; init; } = DevTexts.Simulated;
}

/// <summary>What is to be said of the web side: the routers that serve, and the apps that can be asked.</summary>
public sealed record WebView(IReadOnlyList<DevRouterAddress> Routers, IReadOnlyList<WebTarget> Targets)
{
    public static WebView Empty { get; } = new([], []);
}

/// <summary>Sentences that more than one screen says.</summary>
internal static class DevTexts
{
    public const string Simulated = "Nodes are simulated: no image is pulled, no process runs, no packet flows.";

    public const string Networked =
        "Nodes and pods are network namespaces: packets are real, images are not pulled, nothing leaves the machine.";

    /// <summary>What to try next.</summary>
    public static IReadOnlyList<string> NextSteps(Place place) =>
    [
        $"export KUBECONFIG={Quoted(Path.GetFullPath(place.Kubeconfig))}",
        "kubectl get spaces,apps,dynos -A",
        "kubectl describe spaces",
        "kubectl explain app.spec",
    ];

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;
}

/// <summary>Draws a whole screen: what this is, the table, and what to try next.</summary>
internal sealed class FrameRenderer(Glyphs glyphs)
{
    /// <summary>Lines that are not rows of the table, which gets the rest.</summary>
    private const int Margin = 8;

    private static readonly Style Quiet = new(Color.Grey);

    private readonly TableRenderer _table = new(glyphs);

    public IRenderable Render(Frame frame, int width, int height)
    {
        List<IRenderable> top = [Title(frame, width), Line(frame.Place.Nature, Quiet, width), Text.Empty];
        List<IRenderable> bottom =
        [
            Text.Empty,
            Line(
                $"kubectl --kubeconfig {frame.Place.Kubeconfig} get spaces,apps,dynos -A",
                new Style(Color.Aqua),
                width),
        ];
        foreach (var target in frame.Web.Targets.Take(Math.Max(1, (height - Margin) / 4)).Reverse())
        {
            bottom.Insert(1, Line(target.ToString(), new Style(Color.Aqua), width));
        }

        if (frame.Waiting.Count > 0)
        {
            var others = frame.Waiting.Count > 1 ? $" (and {frame.Waiting.Count - 1} more)" : "";
            bottom.Insert(1, Line(frame.Waiting[0] + others, new Style(Color.Yellow), width));
        }

        bottom.Add(
            Line(
                $"{frame.Place.Address.ToString().TrimEnd('/')}  log: {frame.Place.LogFile}  Ctrl-C to end",
                Quiet,
                width));
        return new Rows([.. top, _table.Render(frame.Tree, width, height - top.Count - bottom.Count), .. bottom]);
    }

    private Paragraph Title(Frame frame, int width)
    {
        const string Name = "dynospace dev";
        var state = State(frame);
        var room = width - Name.Length - CellText.Width(state.Text);
        var counts = CellText.Fit("  " + Counts(frame.Tree), Math.Max(1, room - 2), glyphs.Ellipsis);
        return new Paragraph()
            .Append(Name, new Style(decoration: Decoration.Bold))
            .Append(counts + new string(' ', Math.Max(0, room - CellText.Width(counts))))
            .Append(state.Text, state.Style);
    }

    private static (string Text, Style Style) State(Frame frame)
    {
        var rows = PlatformTree.Rows(frame.Tree).ToList();
        var unwell = rows.Count(row => row.Health != Health.Good);
        return (rows.Count, unwell, frame.ReadyAfter) switch
        {
            (0, _, _) => ("starting", new Style(Color.Yellow)),
            (_, > 0, _) =>
                ($"{unwell} not ready", new Style(
                    rows.Exists(row => row.Health == Health.Bad) ? Color.Red : Color.Yellow)),
            (_, _, { } after) =>
                (string.Create(
                    CultureInfo.InvariantCulture, $"all ready ({after.TotalSeconds:0.0} s)"), new Style(Color.Green)),
            _ => ("all ready", new Style(Color.Green)),
        };
    }

    private static string Counts(IReadOnlyList<SpaceNode> tree)
    {
        var apps = tree.Sum(space => space.Apps.Count);
        var dynos = tree.Sum(space => space.Apps.Sum(app => app.Dynos.Count));
        return $"{Count(tree.Count, "space")}, {Count(apps, "app")}, {Count(dynos, "dyno")}";
    }

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    private Text Line(string text, Style style, int width) => new(CellText.Fit(text, width, glyphs.Ellipsis), style);
}
