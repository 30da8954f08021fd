using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Isolation;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>Every cell of the published matrices, those of routers too, by a real connection.</summary>
[Collection(Packets.Name)]
public sealed class NetworkMatrixTests(NetworkPlatform platform)
{
    public static TheoryData<SpaceRuntime> Runtimes => [SpaceRuntime.Common, SpaceRuntime.Private, SpaceRuntime.Shield];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Packets_agree_with_every_cell(SpaceRuntime runtime)
    {
        platform.Require();
        await using var world = await MatrixWorld.StartAsync(platform, runtime, hasRouters: true);
        var ends = await MatrixEnds.FindAsync(platform, world);
        var cells = MatrixPage.Read(runtime);
        ends.RequireStandIns(cells);

        await MatrixTrials.TryAsync(platform, world, ends, cells);
    }
}
