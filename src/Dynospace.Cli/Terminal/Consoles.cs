using Dynospace.Cli.Platform;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dynospace.Cli.Terminal;

/// <summary>Spectre's console on a command's output.</summary>
public static class Consoles
{
    /// <summary>What no terminal shows has room for every column.</summary>
    private const int PaperWidth = 200;

    public static IAnsiConsole Create(CliEnvironment environment)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = environment.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = environment.IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(environment.Out),
            Interactive = InteractionSupport.No,
        });
        console.Profile.Capabilities.Unicode &= environment.IsUnicode;
        if (!environment.IsTerminal)
        {
            console.Profile.Width = PaperWidth;
        }

        return console;
    }

    public static Glyphs GlyphsOf(IAnsiConsole console) =>
        console.Profile.Capabilities.Unicode ? Glyphs.Unicode : Glyphs.Ascii;

    /// <summary>The lines of a picture, colours included, without the blanks at their ends.</summary>
    public static IEnumerable<string> Lines(IAnsiConsole console, IRenderable picture) =>
        console.ToAnsi(picture).TrimEnd('\n').Split('\n').Select(line => line.TrimEnd());
}

/// <summary>Signs for terminals that know Unicode and for those that do not.</summary>
public sealed record Glyphs(string Good, string Working, string Bad, string Untrue, string Ellipsis)
{
    public static Glyphs Unicode { get; } = new("✓", "●", "✗", "○", "…");

    public static Glyphs Ascii { get; } = new("+", "*", "!", "-", "...");

    public string For(Health health) => health switch
    {
        Health.Good => Good,
        Health.Working => Working,
        _ => Bad,
    };
}
