using Dynospace.Reachability;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>Hands a world to the evaluator.</summary>
internal static class Snapshots
{
    /// <param name="world">What there is.</param>
    /// <param name="ends">Ends of which some may stand in for pods that do not run.</param>
    /// <exception cref="CliException">An object is one that an API server would refuse.</exception>
    public static ReachabilityEvaluator EvaluatorOf(ReachWorld world, IEnumerable<ReachEnd> ends)
    {
        try
        {
            return new ReachabilityEvaluator(ClusterSnapshot.From(
                [.. world.Objects, .. ends.Select(end => end.StandIn).OfType<V1Pod>()], world.PodRanges));
        }
        catch (InvalidObjectException e)
        {
            throw new CliException($"{e.Message}: correct it; an API server would refuse it.", e);
        }
    }
}
