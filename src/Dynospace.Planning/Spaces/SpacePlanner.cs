// Spaces: plans a Space (namespace, policies, routers, DNS and the next step of its trial) and builds its status.

using Dynospace.Api;
using Dynospace.Planning.Children;
using Dynospace.Planning.Dns;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Routers;
using k8s.Models;

namespace Dynospace.Planning.Spaces;

/// <summary>Plans a space.</summary>
public static class SpacePlanner
{
    private const int NamespaceStage = 0;

    /// <summary>Denial comes first, so that at no time more is allowed than at the end.</summary>
    private const int DenialStage = 1;

    private const int PolicyStage = 2;

    /// <summary>The plan for the observed state.</summary>
    public static SpacePlan Plan(ObservedSpace observed, PlatformOptions options)
    {
        var trial = TrialPlanner.Plan(TrialOf(observed), options);
        var isDeleting = observed.Space.Metadata.DeletionTimestamp is not null;
        if (observed.Namespace is { } found && NamespaceProblem(found, observed) is { } problem)
        {
            var plan = new SpacePlan { Trial = trial, RecheckAfter = options.Cluster.RecheckInterval };
            return isDeleting ? PlanWithoutNamespace(plan, observed, found) : plan with { Problem = problem };
        }

        return (isDeleting ? PlanDeletion(observed, options) : PlanSpace(observed, options)) with { Trial = trial };
    }

    private static ObservedTrial TrialOf(ObservedSpace observed) => new()
    {
        Space = observed.Space,
        Cluster = observed.Cluster,
        Policies = observed.Policies,
        Canaries = observed.Canaries,
        Seed = observed.TrialSeed,
        Now = observed.Now,
    };

    private static SpacePlan PlanSpace(ObservedSpace observed, PlatformOptions options)
    {
        var forbidden = ForbiddenRanges.FromCluster(observed.Cluster, options);
        var drafts = PolicySet.Drafts(
            observed.Space, observed.Cluster, forbidden, DnsInUse(observed, options), options);
        var selection = PolicySelection.Select(observed, drafts, options);
        var routers = RouterPlanner.PlanSpace(observed.Space, observed.RoutedApps, observed.Cluster, options);
        var dns = SpaceDnsPlanner.Plan(observed.Space, observed.Cluster, options);
        return new()
        {
            Children = new()
            {
                Objects = [Namespace(observed), .. selection.ToApply.Select(policy => Policy(policy, observed))],
                Deletions = [.. Strays(observed), .. selection.ToDelete.Select(policy => new PlannedDeletion(policy))],
            },
            Routers = routers.Pruning(observed.RouterParts, observed.Space.Metadata.Uid ?? "", dns),
            Dns = new() { Objects = dns },
            Warnings = [.. selection.Problems, .. SpaceWarnings.Find(observed, options)],
            Note = PublicRouterPolicy.NoteOn(observed.Space, observed.Cluster, options),
            DeniedRanges = [.. forbidden.AsInternet.Blocks.Select(block => block.ToString())],
        };
    }

    private static DnsInUse DnsInUse(ObservedSpace observed, PlatformOptions options) =>
        options.Dns.ServesNames(observed.Space.Spec.Runtime)
            ? new(new(observed.Space.Metadata.Name), observed.Dns.Addresses, observed.Dns.IsClusterAsked)
            : new(null, [], IsClusterAsked: true);

    /// <summary>
    /// Children have no owner reference to the Space, since a foreground deletion would delete the policies while dynos
    /// still run. A label names their owner, and the finalizer deletes them in order.
    /// </summary>
    private static PlannedObject Namespace(ObservedSpace observed) => new(NamespaceBuilder.Build(observed.Space))
    {
        Stage = NamespaceStage,
        // Ownership and the adoption annotation were checked before, so this is never another owner's namespace.
        Adopts = observed.Namespace?.Uid,
        HasOwnerReference = false,
        Guard = ChildGuard.TrustCache,
    };

    private static PlannedObject Policy(V1NetworkPolicy policy, ObservedSpace observed) => new(policy)
    {
        Stage = policy.Metadata.Name == PolicyNames.DefaultDeny ? DenialStage : PolicyStage,
        // A policy with any of our marks is restored, including the marks that were removed.
        Adopts = observed.Policies.FirstOrDefault(found => found.Name == policy.Metadata.Name)?.Uid,
        HasOwnerReference = false,
        Guard = ChildGuard.TrustCache,
    };

    /// <summary>The plan if the namespace of the Space's name does not, or no longer, belong to the Space.</summary>
    private static SpacePlan PlanWithoutNamespace(SpacePlan plan, ObservedSpace observed, NamespaceFacts found)
    {
        plan = plan with { Routers = NoRouters(observed) };
        return found.IsTerminating && NamespaceOwnership.IsOwned(found, observed.Space)
            ? plan with { Deletion = SpaceDeletionStep.WaitForNamespace }
            : plan with { Deletion = SpaceDeletionStep.Done, RecheckAfter = null };
    }

    private static RouterPlan NoRouters(ObservedSpace observed) =>
        RouterPlan.None.Pruning(observed.RouterParts, observed.Space.Metadata.Uid ?? "");

    /// <summary>
    /// The plan for a Space that is being deleted. Policies stay in force, and are restored if deleted manually, as
    /// long as a pod of a dyno or router exists.
    /// </summary>
    private static SpacePlan PlanDeletion(ObservedSpace observed, PlatformOptions options)
    {
        var plan = new SpacePlan { Routers = NoRouters(observed), RecheckAfter = options.Cluster.RecheckInterval };
        var hasRouters = observed.RouterParts.Count > 0 || observed.RouterPods > 0;
        if (observed.Namespace is not { } found)
        {
            return hasRouters
                ? plan with { Deletion = SpaceDeletionStep.WaitForRouters }
                : plan with { Deletion = SpaceDeletionStep.Done, RecheckAfter = null };
        }

        if (observed.Apps > 0 || observed.Dynos.Total > 0)
        {
            return PlanFence(observed, options, SpaceDeletionStep.DeleteApps, Contents(observed));
        }

        if (observed.DynoPods > 0 || observed.Canaries.Count > 0)
        {
            return PlanFence(observed, options, SpaceDeletionStep.WaitForDynos, []);
        }

        if (hasRouters)
        {
            return PlanFence(observed, options, SpaceDeletionStep.WaitForRouters, []);
        }

        IReadOnlyList<PlannedDeletion> policies =
        [
            .. PolicySelection.OursToDelete(observed).Select(policy => new PlannedDeletion(policy)),
        ];
        if (policies.Count > 0)
        {
            return plan with { Deletion = SpaceDeletionStep.DeletePolicies, Children = new() { Deletions = policies } };
        }

        return NamespaceOwnership.IsAdoptable(found, observed.Space)
            ? plan with
            {
                Deletion = SpaceDeletionStep.ReleaseNamespace,
                LabelsToRemove = [.. NamespaceBuilder.LabelKeys, Labels.OwnerUid],
                AnnotationsToRemove = [Annotations.Applied, Annotations.SpaceUid],
            }
            : plan with
            {
                Deletion = SpaceDeletionStep.DeleteNamespace,
                Children = new()
                {
                    Deletions = [new(ChildIdentity.For<V1Namespace>(null, observed.Space.Metadata.Name, found.Uid))],
                },
            };
    }

    /// <summary>
    /// Deletes Apps before Dynos, since the App controller would create the Dynos again. Neither waits for a policy
    /// that cannot be restored.
    /// </summary>
    private static IReadOnlyList<PlannedDeletion> Contents(ObservedSpace observed) =>
    [
        .. observed.Contents.Where(child => !child.IsTerminating)
            .Select(child => new PlannedDeletion(child.Identity) { Timing = DeletionTiming.First }),
    ];

    /// <summary>Deletes stray pods in every plan, since they belong to no release or trial.</summary>
    private static IEnumerable<PlannedDeletion> Strays(ObservedSpace observed) =>
        observed.StrayPods.Where(pod => !pod.IsTerminating)
            .Select(pod => new PlannedDeletion(pod.Identity) { Timing = DeletionTiming.First });

    private static SpacePlan PlanFence(
        ObservedSpace observed,
        PlatformOptions options,
        SpaceDeletionStep step,
        IReadOnlyList<PlannedDeletion> deletions)
    {
        var plan = PlanSpace(observed, options);
        return plan with
        {
            Deletion = step,
            Children = plan.Children with { Deletions = [.. Strays(observed), .. deletions] },
            Routers = NoRouters(observed),
            Dns = ChildPlan.Empty,
            RecheckAfter = options.Cluster.RecheckInterval,
        };
    }

    private static Problem? NamespaceProblem(NamespaceFacts found, ObservedSpace observed)
    {
        var name = observed.Space.Metadata.Name;
        if (found.IsTerminating)
        {
            return new(
                Reasons.NamespaceTerminating,
                $"Namespace {name} is being deleted; it is created again when it is gone.");
        }

        var isDeleting = observed.Space.Metadata.DeletionTimestamp is not null;
        var isAdopted = NamespaceOwnership.IsAdoptable(found, observed.Space) || found.IsOrphaned;
        if (NamespaceOwnership.IsOwned(found, observed.Space) || (!isDeleting && isAdopted))
        {
            return null;
        }

        return new(
            Reasons.NamespaceNotAdopted,
            $"Namespace {name} exists and was not made for this Space: annotate it with {Annotations.Adopt}={name} to "
            + "let the Space take it over, or give the Space another name.");
    }
}
