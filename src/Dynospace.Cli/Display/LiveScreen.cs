using System.Text;
using Spectre.Console;

namespace Dynospace.Cli.Display;

/// <summary>Draws over the whole terminal and gives back afterwards what was there before.</summary>
internal sealed class LiveScreen : IScreen
{
    private const string EnterAlternate = "\e[?1049h\e[?25l";
    private const string LeaveAlternate = "\e[H\e[2J\e[?25h\e[?1049l";
    private const string Home = "\e[H";
    private const string ClearToEndOfLine = "\e[K";
    private const string ClearBelow = "\e[J";

    private readonly IAnsiConsole _console;
    private readonly TextWriter _output;
    private readonly FrameRenderer _renderer;

    public LiveScreen(IAnsiConsole console, TextWriter output)
    {
        _console = console;
        _output = output;
        _renderer = new FrameRenderer(Consoles.GlyphsOf(console));
        output.Write(EnterAlternate);
    }

    public void Show(Frame frame)
    {
        var (width, height) = (_console.Profile.Width, _console.Profile.Height);
        var lines = Consoles.Lines(_console, _renderer.Render(frame, width, height)).Take(height).ToList();

        // In one write and without clearing first, or it would flicker; no line feed after the last, or it would scroll.
        var picture = new StringBuilder(Home);
        for (var index = 0; index < lines.Count; index++)
        {
            picture.Append(lines[index]).Append(ClearToEndOfLine).Append(index < lines.Count - 1 ? "\r\n" : "");
        }

        _output.Write(picture.Append(lines.Count < height ? "\r\n" + ClearBelow : ""));
        _output.Flush();
    }

    public void Dispose()
    {
        _output.Write(LeaveAlternate);
        _output.Flush();
    }
}
