using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Reachability;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// The matrices of <c>docs</c>, held against the cluster: by what its objects say and, where pods run, by real
/// connections.
/// </summary>
public sealed class MatrixTests(Platform platform)
{
    public static TheoryData<SpaceRuntime> Runtimes => [SpaceRuntime.Common, SpaceRuntime.Private, SpaceRuntime.Shield];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_objects_of_the_cluster_say_what_every_cell_says(SpaceRuntime runtime)
    {
        await using var world = await MatrixWorld.StartAsync(platform, runtime);
        var ends = await MatrixEnds.FindAsync(platform, world);
        var judge = await MatrixJudge.ReadAsync(platform.Api, ends, world.HasRouters);
        var cells = ReadPage(runtime, world.HasRouters);
        ends.RequireStandIns(cells);

        var judged = cells.Select(cell => (Cell: cell, Verdict: judge.Judge(cell))).ToList();

        MatrixReport.Tell(
            judged.Count,
            [
                .. judged.Where(pair => pair.Verdict is null)
                    .Select(pair => (pair.Cell, "the cluster has no such thing")),
            ]);
        var wrong = judged
            .Where(pair => pair.Verdict is { } verdict
                && !judge.Agrees(verdict, pair.Cell, world.Rename(pair.Cell.Basis)))
            .Select(pair => $"{pair.Cell}: expected {world.Rename(pair.Cell.Basis)}; judged {pair.Verdict!.Basis}");
        MatrixReport.RequireNone(judged.Count, wrong);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Real_connections_agree_with_every_cell(SpaceRuntime runtime)
    {
        RequirePods();
        await using var world = await MatrixWorld.StartAsync(platform, runtime);

        var ends = await MatrixEnds.FindAsync(platform, world);
        var cells = ReadPage(runtime, world.HasRouters);
        ends.RequireStandIns(cells);

        await MatrixTrials.TryAsync(platform, world, ends, cells);
    }

    /// <summary>
    /// That the tests above can fail: what one more policy opens shows in its cells and in no others.
    /// </summary>
    [Fact]
    public async Task What_a_policy_made_by_hand_opens_shows_in_its_cells_alone()
    {
        await using var world = await MatrixWorld.StartAsync(platform, SpaceRuntime.Common);
        await OpenAsync(world, 8080);
        var ends = await MatrixEnds.FindAsync(platform, world);
        var judge = await MatrixJudge.ReadAsync(platform.Api, ends, world.HasRouters);
        var cells = ReadPage(SpaceRuntime.Common, world.HasRouters)
            .Where(cell => judge.Judge(cell) is not null)
            .ToList();

        var opened = cells.Where(cell => judge.Judge(cell)!.Allowed != cell.Expected).ToList();

        Assert.All(opened, cell => Assert.Equal(("web dyno", TransportPort.Tcp(8080)), cell.Column));
        Assert.Contains(opened, cell => cell.From == Bystanders.Stranger);
        Assert.DoesNotContain(opened, cell => cell.From == "pod made by hand in the space");
        if (platform.Traits.RunsPods)
        {
            await MatrixTrials.TryAsync(
                platform, world, ends, [.. cells.Select(cell => cell with { Expected = judge.Judge(cell)!.Allowed })]);
        }
    }

    private static List<MatrixCell> ReadPage(SpaceRuntime runtime, bool hasRouters)
    {
        var page = MatrixPage.Read(runtime);
        List<MatrixCell> cells =
        [
            .. page.Where(cell =>
                MatrixPage.IsOfSpaces(cell) && (hasRouters || !MatrixPage.IsOpenForRouters(cell))),
        ];
        MatrixReport.Tell(
            page.Count,
            [.. page.Except(cells).Select(cell => (cell, "RouterMatrixTests tries them, where routers run"))]);
        return cells;
    }

    private void RequirePods() =>
        Assert.SkipUnless(platform.Traits.RunsPods, $"{platform.Traits.Name} has no packets.");

    /// <summary>Lets everybody into the space's web dynos on a port.</summary>
    private async Task OpenAsync(MatrixWorld world, int port)
    {
        var policy = new V1NetworkPolicy
        {
            ApiVersion = "networking.k8s.io/v1",
            Kind = "NetworkPolicy",
            Metadata = new() { Name = "opened-by-hand", NamespaceProperty = world.Space.Name },
            Spec = new()
            {
                PodSelector = new()
                {
                    MatchLabels = new Dictionary<string, string>
                    {
                        [Labels.App] = "shop",
                        [Labels.ProcessType] = ProcessTypes.Web,
                    },
                },
                PolicyTypes = ["Ingress"],
                Ingress = [new() { Ports = [new() { Port = port }] }],
            },
        };
        (await platform.Api.CreateAsync(policy, TestContext.Current.CancellationToken)).Require();
    }
}
