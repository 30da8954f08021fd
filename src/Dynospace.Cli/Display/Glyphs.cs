using Dynospace.Cli.Platform;

namespace Dynospace.Cli.Display;

/// <summary>Signs for terminals that know Unicode and for those that do not.</summary>
internal sealed record Glyphs(string Good, string Working, string Bad, string Untrue, string Ellipsis)
{
    public static Glyphs Unicode { get; } = new("✓", "●", "✗", "○", "…");

    public static Glyphs Ascii { get; } = new("+", "*", "!", "-", "...");

    public string Of(Health health) => health switch
    {
        Health.Good => Good,
        Health.Working => Working,
        _ => Bad,
    };
}
