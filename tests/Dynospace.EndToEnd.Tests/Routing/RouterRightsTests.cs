using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Faults;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Router.Cluster;
using Microsoft.Extensions.Logging;

namespace Dynospace.EndToEnd.Tests.Routing;

/// <summary>
/// The shared router has rights in the namespaces of Common spaces alone, and each comes with its space.
/// </summary>
[Collection(Alone.Name)]
public sealed class RouterRightsTests(Platform platform)
{
    private const int Spaces = 300;

    /// <summary>The informer's words for one namespace that is read.</summary>
    private const string Listed = "Listed App";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_shared_router_asks_in_no_new_space_before_its_rights_are_there()
    {
        await using var first = platform.NewSpace();
        await first.StartAsync(SpaceRuntime.Common);
        using var lines = new LogRecorder();
        using var loggers = LoggerFactory.Create(
            logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines));
        List<TestSpace> spaces = [.. Enumerable.Range(0, Spaces).Select(_ => platform.NewSpace())];
        try
        {
            await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, null, loggers);
            await Parallel.ForEachAsync(
                spaces,
                new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token },
                async (space, _) => await space.StartAsync(SpaceRuntime.Common));
            await ListedAsync(lines);

            Assert.DoesNotContain(lines.Lines, line => line.Contains("forbidden", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(lines.Lines, line => line.Contains(" Warning ", StringComparison.Ordinal));
        }
        finally
        {
            await Task.WhenAll(spaces.Select(space => space.DisposeAsync().AsTask()));
        }
    }

    private static async Task ListedAsync(LogRecorder lines)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (lines.Lines.Count(line => line.Contains(Listed, StringComparison.Ordinal)) <= Spaces)
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
