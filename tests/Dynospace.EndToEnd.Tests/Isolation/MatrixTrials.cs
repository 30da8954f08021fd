using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// Tries cells by real connections and says what disagrees, beside what the page and the cluster's objects say.
/// </summary>
internal static class MatrixTrials
{
    public static async Task TryAsync(
        Platform platform, MatrixWorld world, MatrixEnds ends, IReadOnlyList<MatrixCell> cells)
    {
        var trials = new ConnectionTrials(platform, world, ends, await world.OnNodesAsync(ends.ReadyNodes));

        var seen = await trials.RunAsync(cells);

        MatrixReport.Tell(cells.Count, trials.Untried);
        MatrixReport.Count(seen.Count, cells.Count);
        var judge = await MatrixJudge.ReadAsync(platform.Api, ends, world.HasRouters);
        MatrixReport.RequireNone(
            seen.Count, seen.Where(pair => pair.Seen != MatrixReport.Word(pair.Attempt.Cell.Expected)).Select(pair =>
                $"{pair.Attempt.Cell} (from {pair.Attempt.Shell} to {pair.Attempt.Address}): expected "
                + $"{MatrixReport.Word(pair.Attempt.Cell.Expected)}, seen {pair.Seen}\n"
                + $"    the page: {world.Rename(pair.Attempt.Cell.Basis)}\n    the cluster's objects: "
                    + $"{judge.Judge(pair.Attempt.Cell)?.Basis}"));
    }
}
