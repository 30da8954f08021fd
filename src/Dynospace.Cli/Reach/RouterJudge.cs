using System.Net.Sockets;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Routers;
using Dynospace.Reachability;

namespace Dynospace.Cli.Reach;

/// <summary>
/// What decides after the policies: they let dynos of all spaces, and nodes their own pods, to public routers, which
/// judge by outbound IPs. It depends on what a connection leads to, not on how the target was written.
/// </summary>
internal sealed class RouterJudge(ReachWorld world)
{
    /// <summary>
    /// Null where the target is not a router that judges, or the policies have judged by address already.
    /// </summary>
    public Judgement? Judge(AdmittedConnection connection)
    {
        if (!connection.IsFromCluster || RouterOf(connection.Target) is not { } router)
        {
            return null;
        }

        var caller = CallerOf(connection.Source);
        var judgement = CallerJudgement.Judge(
            router, caller, world.Spaces, connection.Family == AddressFamily.InterNetworkV6);
        var who = connection switch
        {
            _ when caller is not null => $"dynos of {caller.Metadata.Name}",
            { IsFromNode: true } => "nodes",
            { Source: not null } => "pods other than dynos",
            _ => "addresses of the cluster",
        };
        return new(
            judgement.IsAdmitted,
            $"the router of {router.Metadata.Name} {(judgement.IsAdmitted ? "serves" : "refuses")} {who}, which count "
            + $"as {judgement.CountsAs}");
    }

    /// <summary>The Private or Shield Space whose public router a pod is.</summary>
    private Space? RouterOf(ConnectedPod pod) =>
        pod.Endpoint.Namespace == world.Options.Cluster.SystemNamespace
        && pod.Labels.GetValueOrDefault(Labels.Component) == ComponentValues.RouterPublic
        && world.SpaceOf(pod.Labels.GetValueOrDefault(Labels.Space)) is { Spec.Runtime: not SpaceRuntime.Common } space
            ? space
            : null;

    private Space? CallerOf(ConnectedPod? pod) =>
        pod?.Labels.ContainsKey(Labels.Dyno) == true ? world.SpaceOf(pod.Endpoint.Namespace) : null;
}
