using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Egress;

/// <summary>Gathers from the caches what fixed IPs depend on, for one Space and for all of them.</summary>
public sealed class EgressObserver(ClusterCaches caches, ClusterObserver cluster, PlatformOptions options)
{
    /// <summary>What is known of the cluster.</summary>
    public ClusterFacts Cluster => cluster.Observe();

    /// <summary>The provider in charge of a Space.</summary>
    public EgressProvider ProviderOf(Space space) =>
        EgressProviders.InChargeOf(space, caches.Egress.Served, options.Egress);

    /// <summary>The records that exist, by address.</summary>
    public Dictionary<string, EgressGrant> Grants() => caches.Egress.Grants.Store.List()
        .Where(grant => grant.Number > 0)
        .ToDictionary(grant => grant.Address, StringComparer.Ordinal);

    /// <summary>
    /// The addresses that dynos of a space use, or may be about to use: those of its pods, and those that its Dynos
    /// name.
    /// </summary>
    public IReadOnlySet<string> InUse(string space) => LivePods(space).SelectMany(AddressesOf)
        .Concat(caches.Dynos.Store.ByIndex(Indexes.Namespace, space).SelectMany(AddressesOf))
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>By address: the nodes with dynos that use it.</summary>
    public Dictionary<string, IReadOnlySet<string>> NodesOf(string space) => LivePods(space)
        .Where(pod => pod.Node is not null)
        .SelectMany(pod => AddressesOf(pod).Select(address => (address, pod.Node)))
        .GroupBy(use => use.address, use => use.Node!, StringComparer.Ordinal)
        .ToDictionary(
            use => use.Key,
            IReadOnlySet<string> (use) => use.ToHashSet(StringComparer.Ordinal),
            StringComparer.Ordinal);

    /// <summary>The number of dynos that run without a fixed IP.</summary>
    public int Unassigned(string space) => LivePods(space).Count(pod => pod.OutboundIPs is null);

    public IReadOnlyList<NodeFacts> Nodes() =>
        [.. caches.Nodes.Store.List().Select(FactsOf).OrderBy(node => node.Name, StringComparer.Ordinal)];

    /// <summary>What the status of a Space says of its way out.</summary>
    public SpaceEgress Observe(Space space)
    {
        var name = space.Metadata.Name;
        var provider = ProviderOf(space);
        var claim = EgressClaim.FromSpace(space, provider);
        var grants = Grants();
        if (claim is null && grants.Values.All(grant => grant.Space != name))
        {
            return SpaceEgress.None;
        }

        var ips = ClaimedIPs.FromClaim(claim, name, grants, InUse(name).Contains, cluster.Observe(), options);
        return new()
        {
            Provider = provider,
            Claim = claim,
            IPs = ips,
            Gateway = caches.Egress.Gateways.Store.Get(ObjectKey.ClusterScoped(name)),
            Foreign = claim is null ? [] : ForeignPlanOf(space, provider, ips).Problems,
            Unassigned = claim is null ? 0 : Unassigned(name),
        };
    }

    /// <summary>What a provider of the cluster does for a Space.</summary>
    public ForeignPlan ForeignPlanOf(Space space, EgressProvider provider, ClaimedIPs ips) => EgressProviders.Plan(
        provider,
        new(
            space.Metadata.Name,
            [.. ips.Active.Select(grant => grant.Address)],
            ExemptRanges.FromSpace(space, cluster.Observe(), options),
            options),
        caches.Egress.Served,
        [.. caches.Egress.PartsOf(space.Metadata.Name).Select(part => part.Observed)]);

    /// <summary>The addresses that a Dyno names, until it has ended.</summary>
    public static IEnumerable<string> AddressesOf(Dyno dyno) =>
        OneOff.HasEnded(dyno) ? [] : dyno.Spec.OutboundIPs ?? [];

    private static IEnumerable<string> AddressesOf(PodFacts pod) => pod.OutboundIPs?.Split(',') ?? [];

    private IEnumerable<PodFacts> LivePods(string space) => caches.Pods.Store.ByIndex(Indexes.Namespace, space)
        .Where(pod => pod is { Dyno: not null, HasEnded: false });

    private NodeFacts FactsOf(NodeState node) => FactsOf(
        node, caches.NodeNetworks.Store.Get(ObjectKey.ClusterScoped(node.Name))?.Egress ?? EgressReport.None);

    private NodeFacts FactsOf(NodeState node, EgressReport report) => new(node.Name)
    {
        InternalAddresses = [.. node.InternalAddressList],
        OwnAddresses = [.. node.AddressList],
        PresentAddresses = [.. node.AddressList, .. node.EgressIPList],
        IsGateway = options.Egress.GatewayLabels.All(label => node.Label(label.Key) == label.Value),
        IsCordoned = node.IsCordoned,
        Report = report.Content,
        ReportVersion = report.Version,
    };
}
