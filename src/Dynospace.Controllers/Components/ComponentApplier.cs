// Components: observes and applies system components, such as routers and the DNS of a space.

using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Planning.Children;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Controllers.Components;

/// <summary>Observes and applies system components: what the operator itself runs for the platform.</summary>
public sealed class ComponentApplier(
    ClusterCaches caches, ChildApplier children, IApiTransport transport, PlatformOptions options)
{
    /// <summary>Every part of the components that belong to this owner.</summary>
    public IReadOnlyList<ObservedChild> PartsOf(string ownerUid) =>
    [
        .. caches.Components.OfOwner(ownerUid)
            .Concat(caches.Services.Store.ByIndex(Indexes.ComponentOwner, ownerUid).Select(service => service.Live))
            .Concat(
                caches.Policies.Store.ByIndex(Indexes.ComponentOwner, ownerUid)
                    .Select(policy => LiveObject.FromObject(Kinds.NetworkPolicy, policy)))
            .Select(part => ObservedChildren.From(part)),
    ];

    /// <summary>
    /// The parts of components of a Space of this name that is gone, as after a restore from a backup.
    /// </summary>
    public IEnumerable<ObservedChild> OrphansOf(string space) => caches.Components.OfSpace(space)
        .Where(caches.IsOrphaned)
        .Select(part => ObservedChildren.From(part, isOrphaned: true));

    public async Task<ApplyReport> ApplyAsync(OwnerIdentity owner, ChildPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Objects.Any(child => child.Identity.Namespace == options.Cluster.SystemNamespace))
        {
            await EnsureNamespaceAsync(cancellationToken);
        }

        return await children.ApplyAsync(owner, plan, cancellationToken);
    }

    /// <summary>
    /// Creates the system namespace, guarded as the chart does it, for an operator that runs outside the cluster.
    /// </summary>
    public async Task EnsureNamespaceAsync(CancellationToken cancellationToken)
    {
        if (caches.Namespaces.Store.Get(ObjectKey.ClusterScoped(options.Cluster.SystemNamespace)) is not null)
        {
            return;
        }

        var content = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = V1Namespace.KubeKind,
            ["metadata"] = new JsonObject
            {
                ["name"] = options.Cluster.SystemNamespace,
                ["labels"] = new JsonObject
                {
                    ["pod-security.kubernetes.io/enforce"] = "restricted",
                    [Labels.ManagedBy] = Labels.ManagedByValue,
                },
            },
        };
        try
        {
            await transport.CreateAsync(
                Kinds.Namespace,
                content,
                new WriteQuery { FieldManager = DynospaceGroup.FieldManager },
                cancellationToken);
        }
        catch (ApiException)
        {
            // It exists already, or it was refused: then every object for it reports the reason.
        }
    }
}
