using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>
/// The policies of data services: <c>data-services</c> for egress of dynos, and one for ingress to the pods of each
/// service in the space.
/// </summary>
public sealed class DataServicePolicies(
    PolicyBuilder builder, Space space, ForbiddenRanges forbidden, PlatformOptions options)
{
    /// <summary>One policy for egress of dynos, and one for each data service that runs in the space.</summary>
    public IEnumerable<PolicyDraft> Drafts()
    {
        var conflicts = new List<Problem>();
        var rules = new List<V1NetworkPolicyEgressRule>();
        var inbound = new List<PolicyDraft>();
        foreach (var service in space.Spec.DataServices ?? [])
        {
            var to = Peers(service, conflicts);
            if (to.Count == 0)
            {
                continue;
            }

            rules.Add(new() { To = to, Ports = Ports.TcpOnly(service.Ports) });
            if (LivesInSpace(space, service))
            {
                inbound.Add(PolicyDraft.FromPolicy(Inbound(service)));
            }
        }

        var policy = rules.Count == 0 ? null : builder.Egress(PolicyNames.DataServices, Selectors.Dynos, rules);
        return
        [
            new(PolicyNames.DataServices, policy) { Conflicts = conflicts, Forbidden = forbidden.AsNamedNetwork },
            .. inbound,
        ];
    }

    /// <summary>Whether a service's pods are in the space's own namespace.</summary>
    public static bool LivesInSpace(Space space, DataService service) =>
        service.PodSelector is not null && (service.Namespace ?? space.Metadata.Name) == space.Metadata.Name;

    private V1NetworkPolicy Inbound(DataService service) =>
        builder.Ingress(
            PolicyNames.DataService(service.Name),
            Selectors.ButOwn(service.PodSelector!),
            [new() { PodSelector = Selectors.Dynos }],
            Ports.TcpOnly(service.Ports));

    private List<V1NetworkPolicyPeer> Peers(DataService service, List<Problem> conflicts)
    {
        if (service.PodSelector is not { } selector)
        {
            return AddressPeers(service, conflicts);
        }

        if (LivesInSpace(space, service))
        {
            return [new() { PodSelector = Selectors.ButOwn(selector) }];
        }

        if (service.Namespace == options.Cluster.SystemNamespace)
        {
            conflicts.Add(new(
                Reasons.DataServiceRefused,
                $"spec.dataServices[{service.Name}].namespace {service.Namespace} holds the routers of all spaces: run "
                + "the data service in a namespace of its own"));
            return [];
        }

        return [new() { NamespaceSelector = Selectors.NamespaceOfNoSpace(service.Namespace!), PodSelector = selector }];
    }

    private List<V1NetworkPolicyPeer> AddressPeers(DataService service, List<Problem> conflicts)
    {
        var field = $"spec.dataServices[{service.Name}].cidrs";
        var peers = new List<V1NetworkPolicyPeer>();
        foreach (var cidr in (service.Cidrs ?? []).Order(StringComparer.Ordinal))
        {
            if (NamedRanges.TryAccept(field, cidr, forbidden, conflicts, out var range))
            {
                peers.Add(AddressRules.PeerWithout(range, forbidden.AsNamedNetwork));
            }
        }

        return peers;
    }
}
