using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Dynospace.Controllers.Routers;

/// <summary>Applies what routers are made of, and takes away what their owner wants no more.</summary>
internal sealed class RouterChildren(ClusterCaches caches, RouterObserver observer, IApplier applier, IApiTransport transport, PlatformOptions options)
{
    /// <summary>Policies and rights stand before the first pod runs.</summary>
    private const int FenceStage = 0;

    /// <summary>The API server looks into the role that is bound.</summary>
    private const int BindingStage = 1;

    private const int WorkloadStage = 2;

    public async Task<ApplyReport> ApplyAsync(OwnerIdentity owner, RouterPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Workloads.Count > 0)
        {
            await EnsureNamespaceAsync(cancellationToken);
        }

        List<DesiredObject> desired = [.. Desired(plan)];
        return await applier.ApplyAsync(new ApplySet(owner, desired, [.. observer.PartsOf(owner.Uid), .. observer.NamesakesOf(desired)]), cancellationToken);
    }

    /// <summary>No owner references: foreground deletion of a Space would take its router's policies before its pods.</summary>
    private static IEnumerable<DesiredObject> Desired(RouterPlan plan) =>
        plan.Fences.Select(part => Desired(part, part is V1RoleBinding or V1ClusterRoleBinding ? BindingStage : FenceStage)).Concat(plan.Workloads.Select(part => Desired(part, WorkloadStage)));

    private static DesiredObject Desired(IKubernetesObject<V1ObjectMeta> part, int stage) =>
        new(ResourceKind.For(part.GetType()), JsonObjects.From(part))
        {
            Stage = stage,
            SetOwnerReference = false,
            // Of these the caches hold whoever's; of the others a look first tells a stranger's from none.
            Guard = part is V1Service or V1NetworkPolicy ? CreationGuard.TrustCache : CreationGuard.ReadFirst,
        };

    /// <summary>Mostly it is there, with the operator in it; an operator that runs elsewhere makes it, fenced as a chart would.</summary>
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
                ["labels"] = new JsonObject { ["pod-security.kubernetes.io/enforce"] = "restricted", [Labels.ManagedBy] = Labels.ManagedByValue },
            },
        };
        try
        {
            await transport.CreateAsync(Kinds.Namespace, content, new WriteQuery { FieldManager = DynospaceGroup.FieldManager }, cancellationToken);
        }
        catch (ApiException)
        {
            // There already, or refused: then what shall go into it says so.
        }
    }
}
