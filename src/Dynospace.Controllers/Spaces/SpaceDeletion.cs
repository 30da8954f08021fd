using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Spaces;

/// <summary>
/// Takes a Space apart one step at a time: dynos, then policies, then the namespace. Deleting the namespace at once would let
/// policies go before the pods they fence (CVE-2024-7598).
/// </summary>
internal sealed class SpaceDeletion(ClusterCaches caches, SpaceChildren children, IApplier applier, IApiTransport transport)
{
    /// <summary>Takes one step; what fails is told.</summary>
    public async Task<IReadOnlyList<ApplyFailure>> StepAsync(Space space, SpacePlan plan, SpaceDeletionStep step, CancellationToken cancellationToken)
    {
        var key = ObjectKey.ClusterScoped(space.Metadata.Name);
        return step switch
        {
            SpaceDeletionStep.DeleteApps => await DeleteAppsAsync(key.Name, cancellationToken),
            SpaceDeletionStep.DeletePolicies => await DeletePoliciesAsync(key.Name, plan, cancellationToken),
            SpaceDeletionStep.DeleteNamespace => await DeleteNamespaceAsync(key, cancellationToken),
            SpaceDeletionStep.ReleaseNamespace => await ReleaseNamespaceAsync(key, plan, cancellationToken),
            SpaceDeletionStep.Done => OneOrNone(await applier.SetFinalizerAsync(LiveObject.Of(Kinds.Space, space), Finalizers.Space, present: false, cancellationToken)),
            _ => [],
        };
    }

    private static IReadOnlyList<ApplyFailure> OneOrNone(ApplyFailure? failure) => failure is null ? [] : [failure];

    /// <summary>Apps first, or their controller would make the dynos anew.</summary>
    private async Task<IReadOnlyList<ApplyFailure>> DeleteAppsAsync(string ns, CancellationToken cancellationToken)
    {
        var apps = caches.Apps.Store.ByIndex(Indexes.Namespace, ns).Select(app => LiveObject.Of(Kinds.App, app));
        var dynos = caches.Dynos.Store.ByIndex(Indexes.Namespace, ns).Select(dyno => LiveObject.Of(Kinds.Dyno, dyno));
        return await applier.DeleteAllAsync(apps.Concat(dynos).Where(live => !live.IsTerminating), cancellationToken);
    }

    private async Task<IReadOnlyList<ApplyFailure>> DeletePoliciesAsync(string ns, SpacePlan plan, CancellationToken cancellationToken)
    {
        var failures = new List<ApplyFailure>();
        foreach (var policy in plan.PoliciesToDelete)
        {
            failures.AddRange(OneOrNone(await children.DeletePolicyAsync(ns, policy, cancellationToken)));
        }

        return failures;
    }

    private async Task<IReadOnlyList<ApplyFailure>> DeleteNamespaceAsync(ObjectKey key, CancellationToken cancellationToken) =>
        caches.Namespaces.Store.Get(key) is { } ns
            ? OneOrNone(await applier.DeleteAsync(LiveObject.Of(Kinds.Namespace, ns), cancellationToken))
            : [];

    /// <summary>An adopted namespace is not the operator's to delete: it only loses what the space had put on it.</summary>
    private async Task<IReadOnlyList<ApplyFailure>> ReleaseNamespaceAsync(ObjectKey key, SpacePlan plan, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = Nulls(plan.LabelsToRemove), ["annotations"] = Nulls(plan.AnnotationsToRemove) },
        };
        try
        {
            await transport.PatchAsync(
                Kinds.Namespace, key, PatchFormat.Merge, patch, new WriteQuery { FieldManager = DynospaceGroup.FieldManager }, cancellationToken);
            return [];
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return [];
        }
        catch (ApiException e)
        {
            throw new RetryableReconcileException(key, e.Message, e);
        }
    }

    private static JsonObject Nulls(IEnumerable<string> names) => new(names.Select(name => KeyValuePair.Create(name, (JsonNode?)null)));
}
