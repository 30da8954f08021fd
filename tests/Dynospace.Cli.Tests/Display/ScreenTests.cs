using Dynospace.Cli.Display;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Terminal;
using Dynospace.Cli.Tests.Platform;
using Spectre.Console;
using Xunit;

namespace Dynospace.Cli.Tests.Display;

public sealed class ScreenTests
{
    private static readonly Place Place = new(
        new Uri("https://127.0.0.1:16443"),
        ".dynospace/kubeconfig",
        ".dynospace/operator.log",
        ".dynospace/router.log");

    [Theory]
    [InlineData(80, 24, 2)]
    [InlineData(80, 24, 40)]
    [InlineData(160, 50, 2)]
    [InlineData(160, 50, 60)]
    [InlineData(60, 12, 2)]
    public void Frames_fit_the_terminal(int width, int height, int dynosPerApp)
    {
        var lines = Draw(
            Samples.Mixed(dynosPerApp),
            width,
            height,
            ["samples/private.yaml: App acme-prod/orders is not applied yet: namespaces \"acme-prod\" not found"]);
        Assert.InRange(lines.Count, 1, height);
        Assert.All(lines, line => Assert.InRange(CellText.Width(line), 0, width));
        GoldenFile.Verify(
            RepositoryFolder.Combine(
                "tests", "Dynospace.Cli.Tests", "Display", "Frames", $"{width}x{height}-{dynosPerApp}.txt"),
            string.Join('\n', lines) + "\n");
    }

    [Fact]
    public void A_cluster_without_anything_says_so()
    {
        var lines = Draw(PlatformState.Empty, 80, 24, []);
        Assert.Matches("0 spaces, 0 apps, 0 dynos +starting$", lines[0]);
        Assert.Equal("NAME  CONDITIONS", lines[3]);
    }

    [Fact]
    public void Terminals_without_Unicode_get_plain_signs()
    {
        var console = Console(80);
        var lines = Consoles.Lines(
            console, new TableRenderer(Glyphs.Ascii).Render(PlatformTree.Build(Samples.Mixed()), 80, 40));
        Assert.All(lines, line => Assert.All(line, letter => Assert.InRange(letter, ' ', '~')));
    }

    [Fact]
    public void Every_change_is_one_line_and_silence_is_none()
    {
        var log = new ChangeLog();
        var first = PlatformTree.Build(Samples.Mixed());
        Assert.Equal(10, log.Update(first).Count);
        Assert.Empty(log.Update(first));
        var second = PlatformTree.Build(Samples.Mixed() with { Dynos = [Samples.Dyno("acme-prod", "shop", "web", 1)] });
        Assert.Equal(
            [
                "Dyno acme-prod/shop.web.2: deleted",
                "Dyno acme-prod/shop.worker.1: deleted",
                "Dyno playground/hello.web.1: deleted",
                "Dyno playground/hello.web.2: deleted",
            ],
            log.Update(second));
    }

    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("exactly10!", 10, "exactly10!")]
    [InlineData("a bit too long", 10, "a bit too…")]
    [InlineData("two\nlines", 10, "two lines")]
    [InlineData("日本語日本語", 7, "日本語…")]
    [InlineData("long", 1, "…")]
    public void Text_is_cut_by_what_the_terminal_draws(string text, int width, string expected) =>
        Assert.Equal(expected, CellText.Fit(text, width, "…"));

    private static List<string> Draw(PlatformState state, int width, int height, IReadOnlyList<string> waiting)
    {
        var frame = new Frame(Place, PlatformTree.Build(state), waiting, WebView.Empty, TimeSpan.FromSeconds(2.14));
        return [.. Consoles.Lines(Console(width), new FrameRenderer(Glyphs.Unicode).Render(frame, width, height))];
    }

    private static IAnsiConsole Console(int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(TextWriter.Null),
        });
        console.Profile.Width = width;
        return console;
    }
}
