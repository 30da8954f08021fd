using System.Text;

namespace Dynospace.Benchmarks.Reports;

/// <summary>The table for the README.</summary>
internal static class MarkdownReport
{
    public static string Of(string title, IReadOnlyList<Figure> figures)
    {
        var text = new StringBuilder().AppendLine(title)
            .AppendLine()
            .AppendLine("| measurement | result | aim |")
            .AppendLine("|---|---:|---|");
        foreach (var figure in figures)
        {
            var aim = figure.Aim is null ? "" : $"{figure.Aim}{(figure.IsMet ? "" : " (missed)")}";
            text.AppendLine(
                $"| {(figure.Aim is null ? $"<sub>{figure.Name}</sub>" : figure.Name)} | {figure.Value} | {aim} |");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }
}
