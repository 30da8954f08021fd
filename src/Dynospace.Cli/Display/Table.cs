using Dynospace.Cli.Platform;
using Dynospace.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dynospace.Cli.Display;

/// <summary>Draws spaces, apps and dynos as one table that fits the terminal.</summary>
public sealed class TableRenderer(Glyphs glyphs)
{
    private static readonly Style Heading = new(Color.Grey, decoration: Decoration.Bold);
    private static readonly Style Quiet = new(Color.Grey);

    private static readonly string[] Headings = ["NAME", "STATE", "UP", "ADDRESS", "RELEASE", "NODE", "CONDITIONS"];

    /// <param name="tree">What to draw.</param>
    /// <param name="width">The width of the terminal.</param>
    /// <param name="height">How many lines the table may take, its heading included.</param>
    public IRenderable Render(IReadOnlyList<SpaceNode> tree, int width, int height)
    {
        var lines = TableFitter.Fit(tree, height - 1);
        var cells = lines.Select(Cells).ToList();
        var layout = ColumnLayout.Choose(Needed(cells), width);
        int[] widths = [layout.Name, layout.What, layout.Up, layout.Address, layout.Release, layout.Node, layout.Why];

        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        var shown = Enumerable.Range(0, widths.Length).Where(column => widths[column] > 0).ToList();
        foreach (var column in shown)
        {
            var gap = column == widths.Length - 1 ? 0 : ColumnLayout.Gap;
            table.AddColumn(
                new TableColumn(new Text(Headings[column], Heading))
                {
                    Width = widths[column],
                    NoWrap = true,
                    Padding = new Padding(0, 0, gap, 0),
                });
        }

        foreach (var (line, text) in lines.Zip(cells))
        {
            table.AddRow(shown.Select(column => Cell(line, column, widths[column], text[column])));
        }

        return table;
    }

    private Text Cell(TableLine line, int column, int width, string text)
    {
        var shown = column == Headings.Length - 1 && line.Row is { } row ? Why(row, width) : text;
        return new Text(CellText.Fit(shown, width, glyphs.Ellipsis), Style(line, column));
    }

    private string[] Cells(TableLine line) => line.Row is { } row
        ?
        [
            Indent(line) + $"{glyphs.For(row.Health)} {row.Name}",
            row.What,
            row.Up,
            row.Address,
            row.Release,
            row.Node,
            Why(row, int.MaxValue),
        ]
        : [Indent(line) + glyphs.Ellipsis, "", "", "", "", "", line.Note];

    private static string Indent(TableLine line) => new(' ', 2 * line.Indent);

    /// <summary>What is wrong; or, of what is well, every condition where there is room for it.</summary>
    private string Why(Row row, int width)
    {
        if (row.Health != Health.Good)
        {
            return row.Why;
        }

        // A dyno has one condition, which its state shows already.
        if (row.Kind == RowKind.Dyno)
        {
            return "";
        }

        var marks = string.Join(
            "  ",
            row.Conditions.Select(condition => $"{(condition.IsTrue ? glyphs.Good : glyphs.Untrue)} {condition.Type}"));
        return marks.Length > 0 && CellText.Width(marks) <= width ? marks : row.Why;
    }

    private static ColumnLayout Needed(List<string[]> cells)
    {
        int WidthOf(int column) =>
            cells.Select(row => CellText.Width(row[column])).DefaultIfEmpty().Max() is var widest and > 0
                ? Math.Max(widest, Headings[column].Length)
                : 0;
        // The first and the last column are there even when they are empty.
        return new ColumnLayout(
            Math.Max(WidthOf(0), Headings[0].Length),
            WidthOf(1),
            WidthOf(2),
            WidthOf(3),
            WidthOf(4),
            WidthOf(5),
            Math.Max(WidthOf(6), Headings[6].Length));
    }

    private static Style Style(TableLine line, int column) => line.Row switch
    {
        null => Quiet,
        { Health: Health.Bad } when column is 0 or 6 => new Style(Color.Red),
        { Health: Health.Working } when column is 0 or 6 => new Style(Color.Yellow),
        { Kind: RowKind.Space } when column == 0 => new Style(Color.Green, decoration: Decoration.Bold),
        _ when column == 0 => new Style(Color.Green),
        _ when column == 6 => Quiet,
        _ => Spectre.Console.Style.Plain,
    };
}

/// <summary>
/// Pure: the lines of the table for a number of lines. Where not all fit, apps show as many dynos as each may have,
/// those in trouble first; where not even the apps fit, the end is cut with a count.
/// </summary>
internal static class TableFitter
{
    public static IReadOnlyList<TableLine> Fit(IReadOnlyList<SpaceNode> tree, int height)
    {
        var most = tree.SelectMany(space => space.Apps).Select(app => app.Dynos.Count).DefaultIfEmpty().Max();
        for (var dynosPerApp = most; dynosPerApp >= 0; dynosPerApp--)
        {
            var lines = Lines(tree, dynosPerApp);
            if (lines.Count <= height)
            {
                return lines;
            }
        }

        return Cut(tree, Math.Max(1, height));
    }

    private static List<TableLine> Lines(IReadOnlyList<SpaceNode> tree, int dynosPerApp)
    {
        var lines = new List<TableLine>();
        foreach (var space in tree)
        {
            lines.Add(TableLine.FromRow(space.Row));
            foreach (var app in space.Apps)
            {
                lines.Add(TableLine.FromRow(app.Row));
                lines.AddRange(Dynos(app.Dynos, dynosPerApp));
            }
        }

        return lines;
    }

    private static IEnumerable<TableLine> Dynos(IReadOnlyList<Row> dynos, int limit)
    {
        if (dynos.Count <= limit)
        {
            return dynos.Select(TableLine.FromRow);
        }

        // The app's own line counts its dynos: a note alone would say nothing new.
        if (limit == 0)
        {
            return [];
        }

        var shown = dynos.OrderByDescending(row => row.Health).Take(limit).ToHashSet();
        var hidden = dynos.Where(row => !shown.Contains(row)).ToList();
        return dynos.Where(shown.Contains)
            .Select(TableLine.FromRow)
            .Append(TableLine.More((int)RowKind.Dyno, Describe("dyno", hidden)));
    }

    private static List<TableLine> Cut(IReadOnlyList<SpaceNode> tree, int height)
    {
        var rows = Lines(tree, 0).Select(line => line.Row!).ToList();
        var hidden = rows.Skip(height - 1).ToList();
        var spaces = hidden.Where(row => row.Kind == RowKind.Space).ToList();
        var apps = hidden.Where(row => row.Kind == RowKind.App).ToList();
        var parts = new[] { ("space", spaces), ("app", apps) }.Where(part => part.Item2.Count > 0)
            .Select(part => Describe(part.Item1, part.Item2));
        return [.. rows.Take(height - 1).Select(TableLine.FromRow), TableLine.More(0, string.Join(" and ", parts))];
    }

    private static string Describe(string noun, List<Row> hidden)
    {
        var unwell = hidden.Count(row => row.Health != Health.Good);
        var many = hidden.Count == 1 ? $"1 more {noun}" : $"{hidden.Count} more {noun}s";
        return unwell == 0 ? $"{many}, all well" : $"{many}, {unwell} not ready";
    }
}

/// <summary>How wide each column is; 0 hides one.</summary>
internal sealed record ColumnLayout(int Name, int What, int Up, int Address, int Release, int Node, int Why)
{
    /// <summary>Between two columns.</summary>
    public const int Gap = 2;

    private const int WidestName = 40;
    private const int WidestAddress = 42;
    private const int LeastName = 8;

    /// <summary>With less, reasons cannot be read, so another column gives way.</summary>
    private const int LeastWhy = 24;

    private int Used =>
        new[] { Name, What, Up, Address, Release, Node }.Where(column => column > 0).Sum(column => column + Gap);

    /// <summary>
    /// Pure: the widths for a table, of what its cells need and what the terminal has. The last column takes what is
    /// left.
    /// </summary>
    /// <param name="needed">The widest cell of each column.</param>
    /// <param name="width">The terminal's width.</param>
    public static ColumnLayout Choose(ColumnLayout needed, int width)
    {
        var all = needed with
        {
            Name = Math.Min(needed.Name, WidestName),
            Address = Math.Min(needed.Address, WidestAddress),
            Why = 0,
        };
        ColumnLayout[] choices =
        [
            all,
            all with { Node = 0 },
            all with { Node = 0, Release = 0 },
            all with { Node = 0, Release = 0, Address = 0 },
            all with { Node = 0, Release = 0, Address = 0, Up = 0 },
            all with { Node = 0, Release = 0, Address = 0, Up = 0, What = 0 },
        ];
        var chosen = Array.Find(choices, choice => width - choice.Used >= LeastWhy) ?? choices[^1];
        chosen = chosen with
        {
            Name = Math.Clamp(
                width - Gap - LeastWhy - (chosen.Used - chosen.Name - Gap),
                Math.Min(LeastName, chosen.Name),
                chosen.Name),
        };
        return chosen with { Why = Math.Clamp(width - chosen.Used, 1, Math.Max(1, needed.Why)) };
    }
}

/// <summary>A line of the table: a row, or a note of how many rows do not fit.</summary>
internal sealed record TableLine(int Indent, Row? Row, string Note)
{
    public static TableLine FromRow(Row row) => new((int)row.Kind, row, "");

    public static TableLine More(int indent, string note) => new(indent, null, note);
}

/// <summary>Measures and cuts text by the cells that a terminal draws.</summary>
internal static class CellText
{
    public static int Width(string text) => new Segment(text).CellCount();

    /// <summary>One line that is at most so wide.</summary>
    public static string Fit(string text, int width, string ellipsis)
    {
        var line = text.ReplaceLineEndings(" ");
        if (Width(line) <= width)
        {
            return line;
        }

        var room = width - Width(ellipsis);
        var length = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            room -= Width(rune.ToString());
            if (room < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return width <= Width(ellipsis)
            ? ellipsis[..Math.Min(width, ellipsis.Length)]
            : line[..length].TrimEnd() + ellipsis;
    }
}
