using Dynospace.Cli.Platform;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dynospace.Cli.Display;

/// <summary>Draws spaces, apps and dynos as one table that fits the terminal.</summary>
internal sealed class TableRenderer(Glyphs glyphs)
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
            table.AddColumn(new TableColumn(new Text(Headings[column], Heading)) { Width = widths[column], NoWrap = true, Padding = new Padding(0, 0, gap, 0) });
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
        ? [Indent(line) + $"{glyphs.Of(row.Health)} {row.Name}", row.What, row.Up, row.Address, row.Release, row.Node, Why(row, int.MaxValue)]
        : [Indent(line) + glyphs.Ellipsis, "", "", "", "", "", line.Note];

    private static string Indent(TableLine line) => new(' ', 2 * line.Indent);

    /// <summary>What is wrong; or, of what is well, every condition where there is room for it.</summary>
    private string Why(Row row, int width)
    {
        if (row.Health != Health.Good)
        {
            return row.Why;
        }

        // A dyno has one condition, which its state has told already.
        if (row.Kind == RowKind.Dyno)
        {
            return "";
        }

        var marks = string.Join("  ", row.Conditions.Select(condition => $"{(condition.IsTrue ? glyphs.Good : glyphs.Untrue)} {condition.Type}"));
        return marks.Length > 0 && CellText.Width(marks) <= width ? marks : row.Why;
    }

    private static ColumnLayout Needed(List<string[]> cells)
    {
        int Of(int column) => cells.Select(row => CellText.Width(row[column])).DefaultIfEmpty().Max() is var widest and > 0
            ? Math.Max(widest, Headings[column].Length)
            : 0;
        // The first and the last column are there even when they are empty.
        return new ColumnLayout(Math.Max(Of(0), Headings[0].Length), Of(1), Of(2), Of(3), Of(4), Of(5), Math.Max(Of(6), Headings[6].Length));
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
