using Spectre.Console;

namespace Dynospace.Benchmarks.Reports;

/// <summary>The table for people at a terminal.</summary>
internal static class ConsoleReport
{
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
