using System.Globalization;
using System.Text;

namespace Dynospace.Reachability.Matrices;

/// <summary>Renders a matrix. The same matrix gives the same text everywhere: it is kept in golden files.</summary>
internal static class MatrixText
{
    public static string Markdown(ReachabilityMatrix matrix)
    {
        var legend = new MatrixLegend();
        var rows = Rows(matrix, legend, Escape);
        var widths = Widths(rows);
        var text = new StringBuilder();
        for (var row = 0; row < rows.Length; row++)
        {
            text.Append("| ").AppendJoin(" | ", Padded(rows[row], widths)).Append(" |\n");
            if (row == 0)
            {
                text.Append("| ").AppendJoin(" | ", widths.Select(width => new string('-', width))).Append(" |\n");
            }
        }

        return AppendLegend(text, legend, Escape).ToString();
    }

    public static string Plain(ReachabilityMatrix matrix)
    {
        var legend = new MatrixLegend();
        var rows = Rows(matrix, legend, cell => cell);
        var widths = Widths(rows);
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.Append(string.Join("  ", Padded(row, widths)).TrimEnd()).Append('\n');
        }

        return AppendLegend(text, legend, line => line).ToString();
    }

    private static string[][] Rows(ReachabilityMatrix matrix, MatrixLegend legend, Func<string, string> escape)
    {
        string[] header = ["from \\ to", .. matrix.Targets.Select(target => $"{target.Name} {target.Port}")];
        var body = matrix.Sources.Select((source, row) => (string[])
        [
            source.Name,
            .. matrix.Targets.Select((_, column) => Cell(matrix[row, column], legend)),
        ]);
        return [.. body.Prepend(header).Select(row => row.Select(escape).ToArray())];
    }

    private static string Cell(Verdict verdict, MatrixLegend legend)
    {
        var answer = verdict.IsPartial ? "some" : verdict.Allowed ? "yes" : "no";
        return string.Create(CultureInfo.InvariantCulture, $"{answer} {legend.NumberOf(verdict.Basis)}");
    }

    private static int[] Widths(string[][] rows) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];

    private static IEnumerable<string> Padded(string[] row, int[] widths) =>
        row.Select((cell, column) => cell.PadRight(widths[column]));

    private static StringBuilder AppendLegend(StringBuilder text, MatrixLegend legend, Func<string, string> escape)
    {
        text.Append('\n');
        foreach (var (basis, index) in legend.Bases.Select((basis, index) => (basis, index)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{index + 1}. {escape(basis)}\n");
        }

        return text;
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);
}

/// <summary>Numbers what decided, in reading order of the table.</summary>
internal sealed class MatrixLegend
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _bases = [];

    public IReadOnlyList<string> Bases => _bases;

    public int NumberOf(string basis)
    {
        if (!_numbers.TryGetValue(basis, out var number))
        {
            _bases.Add(basis);
            number = _bases.Count;
            _numbers.Add(basis, number);
        }

        return number;
    }
}
