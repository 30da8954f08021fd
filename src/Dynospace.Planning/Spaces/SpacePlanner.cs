using Dynospace.Api;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Routers;

namespace Dynospace.Planning.Spaces;

/// <summary>Decides what a space needs.</summary>
public static class SpacePlanner
{
    /// <summary>The plan for what was observed.</summary>
    public static SpacePlan Plan(ObservedSpace observed, PlatformOptions options)
    {
        var isDeleting = observed.Space.Metadata.DeletionTimestamp is not null;
        if (observed.Namespace is { } found && NamespaceProblem(found, observed) is { } problem)
        {
            var step = found.IsTerminating && NamespaceOwnership.IsOwned(found, observed.Space) ? SpaceDeletionStep.WaitForNamespace : SpaceDeletionStep.Done;
            return isDeleting
                ? new() { Deletion = step, RecheckAfter = step == SpaceDeletionStep.Done ? null : options.Cluster.RecheckInterval }
                : new() { Problem = problem, RecheckAfter = options.Cluster.RecheckInterval };
        }

        return isDeleting ? PlanDeletion(observed, options) : PlanSpace(observed, options);
    }

    private static SpacePlan PlanSpace(ObservedSpace observed, PlatformOptions options)
    {
        var forbidden = ForbiddenRanges.Of(observed.Cluster, options);
        var drafts = PolicySet.Drafts(observed.Space, observed.Cluster, forbidden, options);
        var selection = PolicySelection.Of(observed, drafts, options);
        return new()
        {
            Namespace = NamespaceBuilder.Build(observed.Space),
            Policies = selection.ToApply,
            PoliciesToDelete = selection.ToDelete,
            Routers = RouterPlanner.PlanSpace(observed.Space, observed.RoutedApps, observed.Cluster, options),
            Warnings = [.. selection.Problems, .. SpaceWarnings.Of(observed, options)],
            DeniedRanges = [.. forbidden.AsInternet.Blocks.Select(block => block.ToString())],
        };
    }

    /// <summary>Policies stay in force, and are put back when somebody deletes them, for as long as a pod of a dyno or of the router exists.</summary>
    private static SpacePlan PlanDeletion(ObservedSpace observed, PlatformOptions options)
    {
        if (observed.Namespace is not { } found)
        {
            return observed.RouterParts > 0
                ? new() { Deletion = SpaceDeletionStep.WaitForRouters, RecheckAfter = options.Cluster.RecheckInterval }
                : new() { Deletion = SpaceDeletionStep.Done };
        }

        if (observed.Apps > 0 || observed.Dynos.Total > 0 || observed.DynoPods > 0 || observed.Canaries.Count > 0)
        {
            var step = observed.Apps > 0 || observed.Dynos.Total > 0 ? SpaceDeletionStep.DeleteApps : SpaceDeletionStep.WaitForDynos;
            return PlanFence(observed, options, step);
        }

        if (observed.RouterParts > 0)
        {
            return PlanFence(observed, options, SpaceDeletionStep.WaitForRouters);
        }

        IReadOnlyList<ChildReference> policies = [.. PolicySelection.OursToDelete(observed)];
        if (policies.Count > 0)
        {
            return new() { Deletion = SpaceDeletionStep.DeletePolicies, PoliciesToDelete = policies, RecheckAfter = options.Cluster.RecheckInterval };
        }

        return NamespaceOwnership.IsAdoptable(found, observed.Space)
            ? new()
            {
                Deletion = SpaceDeletionStep.ReleaseNamespace,
                LabelsToRemove = [.. NamespaceBuilder.LabelKeys, Labels.OwnerUid],
                AnnotationsToRemove = [Annotations.Applied, Annotations.SpaceUid],
                RecheckAfter = options.Cluster.RecheckInterval,
            }
            : new() { Deletion = SpaceDeletionStep.DeleteNamespace, RecheckAfter = options.Cluster.RecheckInterval };
    }

    /// <summary>The policies stay in force; the routers go with the dynos.</summary>
    private static SpacePlan PlanFence(ObservedSpace observed, PlatformOptions options, SpaceDeletionStep step) =>
        PlanSpace(observed, options) with { Deletion = step, PoliciesToDelete = [], Routers = RouterPlan.None, RecheckAfter = options.Cluster.RecheckInterval };

    private static Problem? NamespaceProblem(NamespaceFacts found, ObservedSpace observed)
    {
        var name = observed.Space.Metadata.Name;
        if (found.IsTerminating)
        {
            return new(Reasons.NamespaceTerminating, $"Namespace {name} is being deleted; it is made again when it is gone.");
        }

        var isDeleting = observed.Space.Metadata.DeletionTimestamp is not null;
        if (NamespaceOwnership.IsOwned(found, observed.Space) || (!isDeleting && NamespaceOwnership.IsAdoptable(found, observed.Space)))
        {
            return null;
        }

        return new(
            Reasons.NamespaceNotAdopted,
            $"Namespace {name} exists and was not made for this Space: annotate it with {Annotations.Adopt}={name} to let the Space take it over, or name the Space otherwise.");
    }
}
