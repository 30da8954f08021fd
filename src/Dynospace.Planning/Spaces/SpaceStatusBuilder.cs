using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;

namespace Dynospace.Planning.Spaces;

/// <summary>Says how a space is.</summary>
public static class SpaceStatusBuilder
{
    private const string Untried = "Whether the cluster's network enforces the policies was not tried yet.";

    /// <summary>The status after a plan was applied with this outcome, and its routers with theirs; null where these were left alone.</summary>
    public static SpaceStatus Build(
        ObservedSpace observed, SpacePlan plan, ApplyOutcome outcome, PlatformOptions options, DateTimeOffset now, ApplyOutcome? routers = null)
    {
        var space = observed.Space;
        var conditions = new ConditionTable(space.Status?.Conditions, space.Metadata.Generation, now);
        if (plan.Deletion is { } step)
        {
            SetDeletion(conditions, observed, plan, outcome, step);
        }
        else
        {
            SetNamespace(conditions, plan, outcome, space.Metadata.Name);
            SetIsolation(conditions, plan, outcome);
            SetVerification(conditions, observed);
            SetEgress(conditions, space);
            var router = plan.Problem is null
                ? RouterConditions.Set(conditions, space, plan.Routers, observed.Routers, routers ?? ApplyOutcome.Success, observed.ServedKinds, options)
                : null;
            conditions.SetReady(Judge(observed, plan, outcome, options, router));
        }

        var isOurs = plan.Problem is null && outcome.Problem is null;
        return new()
        {
            ObservedGeneration = space.Metadata.Generation,
            Namespace = isOurs ? space.Metadata.Name : space.Status?.Namespace,
            Apps = observed.Apps,
            Dynos = $"{observed.Dynos.Up}/{observed.Dynos.Wished}",
            Router = plan.Deletion is null ? RouterConditions.Status(observed.Routers) : null,
            DeniedRanges = plan.DeniedRanges.Count > 0 ? [.. plan.DeniedRanges] : space.Status?.DeniedRanges,
            Isolation = observed.Trial,
            Conditions = conditions.ToList(),
        };
    }

    private static void SetNamespace(ConditionTable conditions, SpacePlan plan, ApplyOutcome outcome, string name)
    {
        if ((plan.Problem ?? outcome.Problem) is { } problem)
        {
            conditions.SetFalse(ConditionTypes.NamespaceReady, problem);
        }
        else
        {
            conditions.SetTrue(ConditionTypes.NamespaceReady, Reasons.Ready, $"Namespace {name} is the space's own.");
        }
    }

    /// <summary>
    /// True as long as every policy that fences dynos is in place. A range conflict does not change that: what conflicts is withheld,
    /// so that less is open than asked for and never more.
    /// </summary>
    private static void SetIsolation(ConditionTable conditions, SpacePlan plan, ApplyOutcome outcome)
    {
        if ((plan.Problem ?? outcome.Problem ?? plan.Warnings.FirstOrDefault(warning => warning.Reason == Reasons.NameTaken)) is { } problem)
        {
            conditions.SetFalse(ConditionTypes.NetworkIsolated, problem);
        }
        else if (plan.Warnings.FirstOrDefault(warning => warning.Reason != Reasons.RegionNotFound) is { } warning)
        {
            conditions.SetTrue(ConditionTypes.NetworkIsolated, warning.Reason, warning.Message);
        }
        else
        {
            conditions.SetTrue(ConditionTypes.NetworkIsolated, Reasons.Applied, "All policies are in place.");
        }
    }

    private static void SetVerification(ConditionTable conditions, ObservedSpace observed)
    {
        var (status, reason, message) = observed switch
        {
            { Cluster.IsSimulated: true } => (ConditionStatus.Unknown, Reasons.Simulated, "This is a dev cluster: it has no packets to check."),
            { Enforcement: { IsEnforced: true, Message: var seen } } => (ConditionStatus.True, Reasons.Enforced, seen),
            { Enforcement: { IsEnforced: false, Message: var seen } } => (ConditionStatus.False, Reasons.NotEnforced, seen),
            { Enforcement: { Message: var seen } } => (ConditionStatus.Unknown, Reasons.NotVerified, seen),
            _ => (ConditionStatus.Unknown, Reasons.NotVerified, Untried),
        };
        conditions.Set(ConditionTypes.IsolationVerified, status, reason, message);
    }

    /// <summary>Says aloud that nothing translates addresses yet: an allow-list elsewhere must not be built on a wish.</summary>
    private static void SetEgress(ConditionTable conditions, Space space)
    {
        if (space.Spec.OutboundIPs is { Count: > 0 })
        {
            conditions.Set(
                ConditionTypes.EgressReady,
                ConditionStatus.Unknown,
                Reasons.NotProvisioned,
                "This version has no egress gateway: traffic leaves by the cluster's own addresses, not by spec.outboundIPs.");
        }
    }

    private static Verdict Judge(ObservedSpace observed, SpacePlan plan, ApplyOutcome outcome, PlatformOptions options, Verdict? router)
    {
        if (plan.Problem is { } problem)
        {
            return Verdict.OfRefusal(problem);
        }

        if (outcome.Problem is { } failure)
        {
            return Verdict.Of(outcome, failure);
        }

        if (plan.Warnings.FirstOrDefault(warning => warning.Reason.IsFault) is { } stalling)
        {
            return Verdict.Stalled(stalling);
        }

        return JudgeNetwork(observed, options) ?? router ?? new(Progress.Done, Reasons.Ready, "The space is ready for apps.");
    }

    /// <summary>A network that was not tried is no obstacle, unless dynos wait for that.</summary>
    private static Verdict? JudgeNetwork(ObservedSpace observed, PlatformOptions options) => observed switch
    {
        { Cluster.IsSimulated: true } or { Enforcement.IsEnforced: true } => null,
        { Enforcement: { IsEnforced: false, Message: var seen } } => Verdict.Stalled(new(Reasons.NotEnforced, seen)),
        _ when options.Isolation.IsProofRequired => Verdict.Moving(new(Reasons.NotVerified, observed.Enforcement?.Message ?? Untried)),
        _ => null,
    };

    private static void SetDeletion(
        ConditionTable conditions, ObservedSpace observed, SpacePlan plan, ApplyOutcome outcome, SpaceDeletionStep step)
    {
        var problem = outcome.Problem ?? new Problem(Reasons.Deleting, Describe(step, observed));
        var isFenced = plan.Policies.Count > 0 && outcome.Problem is null;
        conditions.SetFalse(ConditionTypes.NamespaceReady, problem);
        conditions.Set(ConditionTypes.NetworkIsolated, ConditionStatus.Of(isFenced), problem.Reason, problem.Message);
        conditions.SetReady(outcome is { Problem: not null, IsRetrying: false } ? Verdict.Stalled(problem) : Verdict.Moving(problem));
    }

    private static string Describe(SpaceDeletionStep step, ObservedSpace observed) => step switch
    {
        SpaceDeletionStep.DeleteApps when observed.Held.Count > 0 =>
            $"Waiting for {string.Join(", ", observed.Held)}: whoever set the finalizer must remove it.",
        SpaceDeletionStep.DeleteApps => $"Deleting {observed.Apps} apps and {observed.Dynos.Total} dynos.",
        SpaceDeletionStep.WaitForDynos => $"Waiting for {observed.DynoPods} pods of dynos and {observed.Canaries.Count} canaries to end.",
        SpaceDeletionStep.WaitForRouters => "Waiting for the routers to end.",
        SpaceDeletionStep.DeletePolicies => "Deleting the policies.",
        SpaceDeletionStep.DeleteNamespace or SpaceDeletionStep.WaitForNamespace => "Deleting the namespace.",
        SpaceDeletionStep.ReleaseNamespace => "Releasing the namespace, which was adopted.",
        _ => "Nothing is left to delete.",
    };
}
