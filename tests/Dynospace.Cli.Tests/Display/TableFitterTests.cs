using Dynospace.Api.Dynos;
using Dynospace.Cli.Display;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Tests.Platform;
using Xunit;

namespace Dynospace.Cli.Tests.Display;

public sealed class TableFitterTests
{
    [Fact]
    public void All_is_shown_where_there_is_room() =>
        Assert.Equal(10, TableFitter.Fit(PlatformTree.Build(Samples.Mixed()), 10).Count);

    [Fact]
    public void Dynos_in_trouble_stay_when_others_give_way()
    {
        var lines = TableFitter.Fit(PlatformTree.Build(Samples.Mixed(dynosPerApp: 20)), 12);
        Assert.True(lines.Count <= 12);
        Assert.Contains(lines, line => line.Row is { Kind: RowKind.Dyno, Health: Health.Bad, Name: "web.20" });
        Assert.Contains(lines, line => line.Note == "18 more dynos, all well");
    }

    [Fact]
    public void Hidden_trouble_is_counted()
    {
        var state = PlatformState.Empty with
        {
            Spaces = [Samples.Space("a")],
            Apps = [Samples.App("a", "shop")],
            Dynos =
            [
                .. Enumerable.Range(1, 5).Select(index => Samples.Dyno("a", "shop", "web", index, DynoState.Crashed)),
            ],
        };
        Assert.Equal("4 more dynos, 4 not ready", TableFitter.Fit(PlatformTree.Build(state), 4)[^1].Note);
    }

    [Fact]
    public void Apps_that_do_not_fit_are_counted()
    {
        var state = PlatformState.Empty with
        {
            Spaces = [Samples.Space("a"), Samples.Space("b")],
            Apps = [.. Enumerable.Range(10, 20).Select(number => Samples.App("a", $"app-{number}"))],
        };
        var lines = TableFitter.Fit(PlatformTree.Build(state), 10);
        Assert.Equal(10, lines.Count);
        Assert.Equal("1 more space, all well and 12 more apps, all well", lines[^1].Note);
    }

    [Fact]
    public void The_height_is_never_exceeded()
    {
        var tree = PlatformTree.Build(Samples.Mixed(dynosPerApp: 30));
        Assert.All(Enumerable.Range(1, 80), height => Assert.InRange(TableFitter.Fit(tree, height).Count, 1, height));
    }
}
