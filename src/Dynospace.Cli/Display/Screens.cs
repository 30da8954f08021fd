// Display: draws the state of the platform on a terminal, or line by line where there is none.

using System.Text;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Terminal;
using Spectre.Console;

namespace Dynospace.Cli.Display;

/// <summary>Shows what happens until it is disposed.</summary>
public interface IScreen : IDisposable
{
    void Show(Frame frame);
}

/// <summary>Draws over the whole terminal and gives back afterwards what was there before.</summary>
public sealed class LiveScreen : IScreen
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

        // In one write and without clearing first, or it would flicker; no line feed after the last, or it would
        // scroll.
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

/// <summary>A line for each change: for logs, pipes and people who prefer it.</summary>
public sealed class PlainScreen : IScreen
{
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;
    private readonly ChangeLog _changes = new();
    private IReadOnlyList<string> _waiting = [];
    private IReadOnlyList<string> _web = [];

    public PlainScreen(TextWriter output, Place place, TimeProvider clock)
    {
        _output = output;
        _clock = clock;
        output.WriteLine(
            $"Kubernetes API server at {place.Address.ToString().TrimEnd('/')}, in memory. {place.Nature}");
        output.WriteLine(
            $"Logs: {place.LogFile} of the operator, {place.RouterLogFile} of requests. "
            + "To try it, in another terminal:");
        foreach (var step in DevTexts.NextSteps(place))
        {
            output.WriteLine($"  {step}");
        }
    }

    public void Show(Frame frame)
    {
        List<string> web =
        [
            .. frame.Web.Routers.Select(router => router.ToString()),
            .. frame.Web.Targets.Select(target => target.ToString()),
        ];
        foreach (var line in frame.Waiting.Except(_waiting)
            .Concat(_changes.Update(frame.Tree))
            .Concat(web.Except(_web)))
        {
            _output.WriteLine($"{_clock.GetLocalNow():HH:mm:ss} {line.ReplaceLineEndings(" ")}");
        }

        _waiting = frame.Waiting;
        _web = web;
    }

    public void Dispose() => _output.Flush();
}

/// <summary>Says in lines what changed since it was last asked.</summary>
internal sealed class ChangeLog
{
    private Dictionary<string, string> _known = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Update(IReadOnlyList<SpaceNode> tree)
    {
        var now = PlatformTree.Rows(tree).ToDictionary(row => row.ToString(), Describe, StringComparer.Ordinal);
        List<string> changes =
        [
            .. now.Where(entry => _known.GetValueOrDefault(entry.Key) != entry.Value)
                .Select(entry => $"{entry.Key}: {entry.Value}"),
            .. _known.Keys.Where(name => !now.ContainsKey(name)).Select(name => $"{name}: deleted"),
        ];
        _known = now;
        return changes;
    }

    private static string Describe(Row row)
    {
        var health = row.Health switch
        {
            Health.Good => "ready",
            Health.Working => "not ready",
            _ => "in trouble",
        };
        var facts = string.Join(
            ", ", new[] { row.What, row.Up, row.Address, row.Release }.Where(fact => fact.Length > 0));
        return row.Health == Health.Good
            ? $"{health} ({facts})"
            : $"{health}{(facts.Length > 0 ? $" ({facts})" : "")}: {row.Why.ReplaceLineEndings(" ")}";
    }
}
