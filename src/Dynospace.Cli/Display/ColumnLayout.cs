namespace Dynospace.Cli.Display;

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

    private int Used => new[] { Name, What, Up, Address, Release, Node }.Where(column => column > 0).Sum(column => column + Gap);

    /// <summary>Pure: the widths for a table, of what its cells need and what the terminal has. The last column takes what is left.</summary>
    /// <param name="needed">The widest cell of each column.</param>
    /// <param name="width">The terminal's width.</param>
    public static ColumnLayout Choose(ColumnLayout needed, int width)
    {
        var all = needed with { Name = Math.Min(needed.Name, WidestName), Address = Math.Min(needed.Address, WidestAddress), Why = 0 };
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
        chosen = chosen with { Name = Math.Clamp(width - Gap - LeastWhy - (chosen.Used - chosen.Name - Gap), Math.Min(LeastName, chosen.Name), chosen.Name) };
        return chosen with { Why = Math.Clamp(width - chosen.Used, 1, Math.Max(1, needed.Why)) };
    }
}
