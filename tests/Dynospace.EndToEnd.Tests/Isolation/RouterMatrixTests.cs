using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Faults;
using Dynospace.EndToEnd.Tests.Routers;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>The cells of the matrices that are about routers, held against routers whose pods really run.</summary>
[Collection(Alone.Name)]
public sealed class RouterMatrixTests(Platform platform, RoutersOnNodes routers) : IClassFixture<RoutersOnNodes>
{
    public static TheoryData<SpaceRuntime> Runtimes => [SpaceRuntime.Common, SpaceRuntime.Private, SpaceRuntime.Shield];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Real_connections_from_and_to_routers_agree_with_every_cell(SpaceRuntime runtime)
    {
        routers.Require();
        await using var world = await MatrixWorld.StartAsync(platform, runtime, hasRouters: true);
        var ends = await MatrixEnds.FindAsync(platform, world);
        List<MatrixCell> cells = [.. MatrixPage.Read(runtime).Where(IsOfRouters)];
        ends.RequireStandIns(cells);
        var judge = await MatrixJudge.ReadAsync(platform.Api, ends, world.HasRouters);

        var misjudged = cells.Select(cell => (Cell: cell, Verdict: judge.Judge(cell)))
            .Where(pair => pair.Verdict is { } verdict
                && !judge.Agrees(verdict, pair.Cell, world.Rename(pair.Cell.Basis)))
            .Select(pair => $"{pair.Cell}: expected {world.Rename(pair.Cell.Basis)}; judged {pair.Verdict!.Basis}");
        MatrixReport.RequireNone(cells.Count, misjudged);

        await MatrixTrials.TryAsync(platform, world, ends, cells);
    }

    private static bool IsOfRouters(MatrixCell cell) =>
        !MatrixPage.IsOfSpaces(cell)
        || cell.From.EndsWith(" router", StringComparison.Ordinal)
        || cell.To.EndsWith(" router", StringComparison.Ordinal);
}
