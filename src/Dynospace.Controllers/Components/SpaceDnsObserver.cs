using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Dns;
using Dynospace.Planning.Options;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Components;

/// <summary>Gathers from the caches what is known of the DNS of spaces.</summary>
public sealed class SpaceDnsObserver(ClusterCaches caches, PlatformOptions options)
{
    public static bool IsDns(IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault(Labels.Component) == ComponentValues.SpaceDns;

    public SpaceDnsState Observe(Space space)
    {
        if (!options.Dns.ServesNames(space.Spec.Runtime))
        {
            return SpaceDnsState.None;
        }

        var dns = new SpaceDnsIdentity(space.Metadata.Name);
        var key = new ObjectKey(options.Cluster.SystemNamespace, dns.Name);
        var deployment = caches.Components.FindDeployment(key);
        var service = caches.Services.Store.Get(key);
        var state = new SpaceDnsState
        {
            IsClusterAsked = caches.Pods.Store.ByIndex(Indexes.Namespace, space.Metadata.Name)
                .Any(pod => pod is { Dyno: not null, HasEnded: false, HasOwnDns: false }),
        };
        return deployment is not null && service is not null
            && dns.Matches(deployment.Live.Labels) && dns.Matches(service.Live.Labels)
                ? state with
                {
                    Exists = true,
                    Available = deployment.Available,
                    Desired = deployment.Desired,
                    Trouble = deployment.Trouble,
                    Addresses = service.ClusterAddresses,
                }
                : state with { Obstacle = ComponentNames.ObstacleOf(caches, key, dns.Matches, $"DNS {dns.Name}") };
    }
}
