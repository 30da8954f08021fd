using Spectre.Console;

namespace Dynospace.Benchmarks.Reports;

/// <summary>The table for people at a terminal.</summary>
internal static class ConsoleReport
{
    /// <summary>Writes the table for people at a terminal, and again as Markdown.</summary>
    /// <returns>The exit code: 0 if every aim is met.</returns>
    public static int WriteBoth(string subject, IReadOnlyList<Figure> figures)
    {
        var title = $"{subject}; {Environment.ProcessorCount} processors";
        Write(AnsiConsole.Console, title, figures);
        Console.WriteLine(MarkdownReport.Of(title, figures));
        return figures.All(figure => figure.IsMet) ? 0 : 1;
    }

    public static void Write(IAnsiConsole console, string title, IReadOnlyList<Figure> figures)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(title)) };
        table.AddColumn("Measurement")
            .AddColumn(new TableColumn("Result").RightAligned())
            .AddColumn("Aim")
            .AddColumn("");
        foreach (var figure in figures)
        {
            var name = Markup.Escape(figure.Name);
            table.AddRow(
                figure.Aim is null ? $"[grey]  {name}[/]" : name,
                Markup.Escape(figure.Value),
                Markup.Escape(figure.Aim ?? ""),
                figure.Aim is null ? "" : figure.IsMet ? "[green]met[/]" : "[red]missed[/]");
        }

        console.Write(table);
    }
}
