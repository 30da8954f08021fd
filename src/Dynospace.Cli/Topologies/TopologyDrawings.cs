using System.Globalization;
using System.Net;
using System.Text;

namespace Dynospace.Cli.Topologies;

/// <summary>Draws a topology as a tree of lines, as Mermaid and as SVG.</summary>
public static class TopologyDrawings
{
    private const int BoxWidth = 220;
    private const int BoxHeight = 44;
    private const int ColumnGap = 110;
    private const int RowGap = 16;
    private const int Margin = 24;

    public static string Tree(Topology topology, bool isUnicode)
    {
        var text = new StringBuilder($"{topology.Space}{Bracketed(topology.Detail)}\n");
        Branches(text, topology.Nodes, "", isUnicode);
        return text.ToString();
    }

    /// <summary>Apps are boxes around their process types. Single dynos are left out: they would crowd it.</summary>
    public static string Mermaid(Topology topology)
    {
        var text = new StringBuilder("flowchart LR\n");
        foreach (var node in topology.Nodes)
        {
            if (node.Kind == Topology.App)
            {
                text.Append(CultureInfo.InvariantCulture, $"  subgraph {node.Id}[\"{Quoted(node)}\"]\n");
                foreach (var process in node.Children)
                {
                    text.Append(CultureInfo.InvariantCulture, $"    {process.Id}[\"{Quoted(process)}\"]\n");
                }

                text.Append("  end\n");
            }
            else
            {
                var (open, close) = node.Kind == Topology.DataService ? ("[(", ")]") : ("([", "])");
                text.Append(CultureInfo.InvariantCulture, $"  {node.Id}{open}\"{Quoted(node)}\"{close}\n");
            }
        }

        foreach (var edge in topology.Edges)
        {
            var label = edge.Label.Length > 0 ? $"|\"{edge.Label}\"|" : "";
            text.Append(CultureInfo.InvariantCulture, $"  {edge.From} -->{label} {edge.To}\n");
        }

        return text.ToString();
    }

    /// <summary>Three columns: routers, process types of the apps, and what is around the space.</summary>
    public static string Svg(Topology topology)
    {
        List<(TopologyNode Node, string Title)>[] columns =
        [
            [.. NodesOf(topology, Topology.Router)],
            [
                .. topology.Nodes.Where(node => node.Kind == Topology.App)
                    .SelectMany(app => app.Children.Select(process => (process, $"{app.Name} {process.Name}"))),
            ],
            [
                .. NodesOf(topology, Topology.Internet),
                .. NodesOf(topology, Topology.DataService),
                .. NodesOf(topology, Topology.Peer),
            ],
        ];
        var places = new Dictionary<string, (int X, int Y)>(StringComparer.Ordinal);
        var boxes = new StringBuilder();
        for (var column = 0; column < columns.Length; column++)
        {
            for (var row = 0; row < columns[column].Count; row++)
            {
                var (node, title) = columns[column][row];
                var place = (
                    X: Margin + (column * (BoxWidth + ColumnGap)),
                    Y: (2 * Margin) + (row * (BoxHeight + RowGap)));
                places[node.Id] = place;
                boxes.Append(Box(place.X, place.Y, title, node.Detail));
            }
        }

        var lines = topology.Edges.Where(edge => places.ContainsKey(edge.From) && places.ContainsKey(edge.To))
            .Select(edge => Line(places[edge.From], places[edge.To]));
        var width = (2 * Margin) + (columns.Length * BoxWidth) + ((columns.Length - 1) * ColumnGap);
        var height = (3 * Margin) + (columns.Max(column => column.Count) * (BoxHeight + RowGap));
        var heading = Escaped(topology.Space + Bracketed(topology.Detail));
        const string font = "font-family=\"sans-serif\" font-size=\"12\"";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {font}>
            <rect width="{width}" height="{height}" fill="#ffffff"/>
            <text x="{Margin}" y="{Margin + 4}" font-size="16">{heading}</text>
            {string.Concat(lines)}{boxes}</svg>

            """);
    }

    private static void Branches(
        StringBuilder text, IReadOnlyList<TopologyNode> nodes, string indent, bool isUnicode)
    {
        for (var index = 0; index < nodes.Count; index++)
        {
            var isLast = index == nodes.Count - 1;
            var (branch, stem) = (isUnicode, isLast) switch
            {
                (true, true) => ("└─ ", "   "),
                (true, false) => ("├─ ", "│  "),
                (false, true) => ("`- ", "   "),
                _ => ("|- ", "|  "),
            };
            var node = nodes[index];
            var kind = node.Kind is Topology.App ? "app " : node.Kind is Topology.DataService ? "data service "
                : node.Kind is Topology.Peer ? "peer network " : "";
            text.Append(indent)
                .Append(branch)
                .Append(kind)
                .Append(node.Name)
                .Append(Bracketed(node.Detail))
                .Append('\n');
            Branches(text, node.Children, indent + stem, isUnicode);
        }
    }

    private static IEnumerable<(TopologyNode Node, string Title)> NodesOf(Topology topology, string kind) =>
        topology.Nodes.Where(node => node.Kind == kind).Select(node => (node, node.Name));

    private static string Box(int x, int y, string title, string detail) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <rect x="{x}" y="{y}" width="{BoxWidth}" height="{BoxHeight}" rx="6" fill="#eef2fb" stroke="#3f5b9e"/>
        <text x="{x + 10}" y="{y + 18}" font-weight="bold">{Escaped(Cut(title))}</text>
        <text x="{x + 10}" y="{y + 34}" fill="#444444">{Escaped(Cut(detail))}</text>

        """);

    private static string Line((int X, int Y) from, (int X, int Y) to)
    {
        var isForward = from.X < to.X;
        var (x1, x2) = isForward ? (from.X + BoxWidth, to.X) : (from.X, to.X + BoxWidth);
        var (y1, y2) = (from.Y + (BoxHeight / 2), to.Y + (BoxHeight / 2));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <path d="M{x1} {y1} C{(x1 + x2) / 2} {y1} {(x1 + x2) / 2} {y2} {x2} {y2}" fill="none" stroke="#9aa7c7"/>

            """);
    }

    private static string Cut(string text) => text.Length > 34 ? $"{text[..33]}…" : text;

    private static string Bracketed(string detail) => detail.Length > 0 ? $" ({detail})" : "";

    /// <summary>Characters with a meaning in Mermaid are written as entities.</summary>
    private static string Quoted(TopologyNode node) =>
        $"{node.Name}{(node.Detail.Length > 0 ? $"<br/>{WebUtility.HtmlEncode(node.Detail)}" : "")}";

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
