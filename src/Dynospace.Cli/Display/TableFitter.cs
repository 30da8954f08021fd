using Dynospace.Cli.Platform;

namespace Dynospace.Cli.Display;

/// <summary>
/// Pure: the lines of the table for a number of lines. Where not all fit, apps show as many dynos as each may have, those in trouble first;
/// where not even the apps fit, the end is cut with a count.
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
            lines.Add(TableLine.Of(space.Row));
            foreach (var app in space.Apps)
            {
                lines.Add(TableLine.Of(app.Row));
                lines.AddRange(Dynos(app.Dynos, dynosPerApp));
            }
        }

        return lines;
    }

    private static IEnumerable<TableLine> Dynos(IReadOnlyList<Row> dynos, int limit)
    {
        if (dynos.Count <= limit)
        {
            return dynos.Select(TableLine.Of);
        }

        // The app's own line counts its dynos: a note alone would say nothing new.
        if (limit == 0)
        {
            return [];
        }

        var shown = dynos.OrderByDescending(row => row.Health).Take(limit).ToHashSet();
        var hidden = dynos.Where(row => !shown.Contains(row)).ToList();
        return dynos.Where(shown.Contains).Select(TableLine.Of).Append(TableLine.More((int)RowKind.Dyno, Describe("dyno", hidden)));
    }

    private static List<TableLine> Cut(IReadOnlyList<SpaceNode> tree, int height)
    {
        var rows = Lines(tree, 0).Select(line => line.Row!).ToList();
        var hidden = rows.Skip(height - 1).ToList();
        var spaces = hidden.Where(row => row.Kind == RowKind.Space).ToList();
        var apps = hidden.Where(row => row.Kind == RowKind.App).ToList();
        var parts = new[] { ("space", spaces), ("app", apps) }.Where(part => part.Item2.Count > 0).Select(part => Describe(part.Item1, part.Item2));
        return [.. rows.Take(height - 1).Select(TableLine.Of), TableLine.More(0, string.Join(" and ", parts))];
    }

    private static string Describe(string noun, List<Row> hidden)
    {
        var unwell = hidden.Count(row => row.Health != Health.Good);
        var many = hidden.Count == 1 ? $"1 more {noun}" : $"{hidden.Count} more {noun}s";
        return unwell == 0 ? $"{many}, all well" : $"{many}, {unwell} not ready";
    }
}
