using Dynospace.Api.Spaces;
using Dynospace.Planning.Routers;
using Dynospace.Reachability;

namespace Dynospace.Cli.Reach;

/// <summary>
/// Decides after the policies: they let dynos of all spaces reach public routers, which judge by outbound IPs.
/// </summary>
internal sealed class RouterJudge(ReachWorld world)
{
    public Verdict Judge(ReachEnd source, ReachEnd target, Verdict verdict) =>
        target.RouterOf is { } router ? Judge(source.Endpoint, router, verdict) : verdict;

    public Verdict Judge(Endpoint source, Space router, Verdict verdict)
    {
        if (!verdict.Allowed || source is not PodEndpoint pod || world.SpaceOf(pod.Namespace) is not { } caller)
        {
            return verdict;
        }

        var judgement = CallerJudgement.Of(router, caller, world.Spaces);
        var what = $"the router of {router.Metadata.Name} {(judgement.IsAdmitted ? "serves" : "refuses")} dynos of "
            + $"{caller.Metadata.Name}, which count as {judgement.CountsAs}";
        return verdict with { Allowed = judgement.IsAdmitted, Circumstance = what };
    }
}
