using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Egress;

/// <summary>
/// Which changes concern the ways out of spaces: what Spaces ask for, who has which address, where dynos run, which
/// nodes may be gateways, and what their agents say.
/// </summary>
public static class EgressTriggers
{
    /// <summary>
    /// A dyno waits at its gate for the ports of its node, and a thousand dynos must not cost a write each.
    /// </summary>
    private static readonly TimeSpan PodSettle = TimeSpan.FromMilliseconds(100);

    /// <summary>Agents of all nodes report a failover at about the same time.</summary>
    private static readonly TimeSpan ReportSettle = TimeSpan.FromMilliseconds(500);

    private static readonly ObjectKey[] All = [ObjectKey.ClusterScoped("egress")];

    public static Controller Wire(
        Controller controller, ClusterCaches caches, ClusterObserver cluster, EgressGrants grants)
    {
        controller
            .Watches(caches.Spaces, (before, after) =>
            {
                grants.OnSpace(before, after);
                return OnSpace(before, after);
            })
            .Watches(caches.Pods, OnPod, PodSettle)
            .Watches(caches.Dynos, OnDyno, PodSettle)
            .Watches(caches.Nodes, OnNode, PodSettle)
            .Watches(caches.Egress.Grants, OnGrant)
            .Watches(caches.Egress.Gateways, OnGateway)
            .Watches(caches.NodeNetworks, OnReport, ReportSettle)
            .WatchesAddresses(caches, cluster, () => All);
        foreach (var informer in caches.Egress.Parts)
        {
            controller.Watches(informer, OnPart).WatchesKind(informer, () => All);
        }

        return controller;
    }

    public static IEnumerable<ObjectKey> OnSpace(Space? before, Space? after) => If(
        before is null || after is null
            ? EgressClaim.WantsFixedIPs((after ?? before)!)
            : before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
                || (before.Metadata.Generation != after.Metadata.Generation
                    && (EgressClaim.WantsFixedIPs(before) || EgressClaim.WantsFixedIPs(after))));

    /// <summary>A dyno's pod that comes, is bound, ends or goes.</summary>
    public static IEnumerable<ObjectKey> OnPod(PodFacts? before, PodFacts? after) => If(Use(before) != Use(after));

    /// <summary>Addresses that Dynos name are in use, and no longer when the Dyno has others or has ended.</summary>
    public static IEnumerable<ObjectKey> OnDyno(Dyno? before, Dyno? after) =>
        If(!AddressesOf(before).SequenceEqual(AddressesOf(after)));

    public static IEnumerable<ObjectKey> OnNode(NodeState? before, NodeState? after) => If(!Equals(before, after));

    public static IEnumerable<ObjectKey> OnGrant(EgressGrant? before, EgressGrant? after) => If(before != after);

    /// <summary>A change by hand is put right; another status as well.</summary>
    public static IEnumerable<ObjectKey> OnGateway(EgressGateway? before, EgressGateway? after) => If(
        before is null || after is null
        || before.Metadata.ResourceVersion != after.Metadata.ResourceVersion);

    public static IEnumerable<ObjectKey> OnReport(NodeNetworkState? before, NodeNetworkState? after) =>
        If(before is null || after is null || before.Egress != after.Egress);

    public static IEnumerable<ObjectKey> OnPart(EgressPart? before, EgressPart? after) => If(
        before is null || after is null
        || before.Fault != after.Fault || before.Live.ResourceVersion != after.Live.ResourceVersion);

    /// <summary>All of a pod on which ways out depend; nothing of one that is not a dyno, or has ended.</summary>
    private static (string?, string?, string?) Use(PodFacts? pod) => pod is { Dyno: not null, HasEnded: false }
        ? (pod.Namespace, pod.OutboundIPs ?? "", pod.OutboundIPs is null ? null : pod.Node)
        : default;

    private static IEnumerable<string> AddressesOf(Dyno? dyno) => dyno is null ? [] : EgressObserver.AddressesOf(dyno);

    private static ObjectKey[] If(bool matters) => matters ? All : [];
}
