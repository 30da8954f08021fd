using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Dns;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;

namespace Dynospace.Planning.Spaces;

/// <summary>Builds the status of a Space: one function for each condition, then the summary.</summary>
public static class SpaceStatusBuilder
{
    private const string Untried = "Whether the cluster's network enforces the policies has not been tested yet.";

    /// <summary>
    /// The maximum number of denied ranges that the status lists. Beyond that it states only their number, and the
    /// policy has the ranges.
    /// </summary>
    private const int LongestList = 64;

    private static readonly Action<ConditionTable, View>[] Conditions =
        [NamespaceReady, NetworkIsolated, IsolationVerified, EgressReady, RouterReady, DnsReady, Ready];

    private static readonly Action<ConditionTable, View>[] ConditionsOfDeletion =
        [NamespaceReadyWhileDeleting, NetworkIsolatedWhileDeleting, ReadyWhileDeleting];

    /// <summary>The status after a plan was applied with this outcome.</summary>
    public static SpaceStatus Build(
        ObservedSpace observed, SpacePlan plan, SpaceOutcome outcome, PlatformOptions options, DateTimeOffset now)
    {
        var space = observed.Space;
        var view = new View(observed, plan, outcome, options);
        var conditions = new ConditionTable(
            space.Status?.Conditions, space.Metadata.Generation, now, options.Cluster.StallAfter);
        foreach (var set in plan.Deletion is null ? Conditions : ConditionsOfDeletion)
        {
            set(conditions, view);
        }

        var isOurs = plan.Problem is null && outcome.Namespace.Problem is null;
        return new()
        {
            ObservedGeneration = space.Metadata.Generation,
            Namespace = isOurs ? space.Metadata.Name : space.Status?.Namespace,
            Apps = observed.Apps,
            Dynos = $"{observed.Dynos.Up}/{observed.Dynos.Desired}",
            OutboundIPs = observed.Egress.IPs.All.Select(grant => grant.Address).ToList() is { Count: > 0 } addresses
                ? addresses
                : null,
            Egress = plan.Deletion is null ? observed.Egress.ToStatus(options) : space.Status?.Egress,
            Router = plan.Deletion is null ? RouterConditions.Status(observed.Routers) : null,
            Dns = plan.Deletion is null ? SpaceDnsConditions.Status(space, observed.Dns, options) : null,
            DeniedRanges = plan.DeniedRanges.Count switch
            {
                0 => space.Status?.DeniedRanges,
                <= LongestList => [.. plan.DeniedRanges],
                _ => null,
            },
            DeniedRangeCount = plan.DeniedRanges.Count > 0 ? plan.DeniedRanges.Count : space.Status?.DeniedRangeCount,
            Isolation = plan.Trial.Record,
            DynoNetwork = NetworkOf(observed),
            Conditions = conditions.ToList(),
        };
    }

    /// <summary>
    /// The kind of network. If one dyno has no subnet of its own, the status does not promise subnets. Before the first
    /// dyno, the nodes decide.
    /// </summary>
    private static DynoNetworkKind NetworkOf(ObservedSpace observed) =>
        observed.Dynos is { WithoutSubnet: 0, WithSubnet: > 0 }
            || (observed.Dynos.WithoutSubnet == 0 && observed.Cluster.HasDynoNetwork)
            ? DynoNetworkKind.PerDynoSubnet
            : DynoNetworkKind.ClusterDefault;

    private static void NamespaceReady(ConditionTable conditions, View view)
    {
        if ((view.Plan.Problem ?? view.Outcome.Namespace.Problem) is { } problem)
        {
            conditions.SetFalse(ConditionTypes.NamespaceReady, problem);
        }
        else
        {
            conditions.SetTrue(
                ConditionTypes.NamespaceReady, Reasons.Ready, $"Namespace {view.Name} is the space's own.");
        }
    }

    /// <summary>
    /// True as long as every policy that isolates dynos is in place. A range conflict does not change that: conflicting
    /// ranges are withheld, so policies allow less than the spec asks for and never more.
    /// </summary>
    private static void NetworkIsolated(ConditionTable conditions, View view)
    {
        if ((view.Plan.Problem
            ?? view.Outcome.Fence.Problem
            ?? Sum(view.Plan.Warnings.Where(warning => warning.Reason == Reasons.NameTaken))) is { } problem)
        {
            conditions.SetFalse(ConditionTypes.NetworkIsolated, problem);
        }
        else if (Sum(view.Plan.Warnings.Where(warning => warning.Reason != Reasons.RegionNotFound)) is { } warning)
        {
            conditions.SetTrue(
                ConditionTypes.NetworkIsolated, warning.Reason, WithNote(warning.Message));
        }
        else
        {
            conditions.SetTrue(
                ConditionTypes.NetworkIsolated, Reasons.Applied, WithNote("All policies are in place."));
        }

        string WithNote(string message) => view.Plan.Note is { } note ? $"{message.TrimEnd('.')}. {note}" : message;
    }

    /// <summary>
    /// Combines problems: all messages, so that one look shows everything that needs attention, and the first one's
    /// reason.
    /// </summary>
    private static Problem? Sum(IEnumerable<Problem> problems)
    {
        var all = problems.DistinctBy(problem => problem.Message).ToList();
        return all.Count == 0
            ? null
            : new(
                all[0].Reason,
                string.Join(
                    "; ", [.. all.SkipLast(1).Select(problem => problem.Message.TrimEnd('.')), all[^1].Message]));
    }

    private static void IsolationVerified(ConditionTable conditions, View view)
    {
        var (status, reason, message) = view switch
        {
            { IsSimulated: true } =>
                (ConditionStatus.Unknown, Reasons.Simulated, "This is a dev cluster: it has no packets to check."),
            { Trial: { IsEnforced: true, Message: var seen } } => (ConditionStatus.True, Reasons.Enforced, seen),
            { Trial: { IsEnforced: false, Message: var seen } } => (ConditionStatus.False, Reasons.NotEnforced, seen),
            { Trial: { Message: var seen } } => (ConditionStatus.Unknown, Reasons.NotVerified, seen),
            _ => (ConditionStatus.Unknown, Reasons.NotVerified, Untried),
        };
        conditions.Set(ConditionTypes.IsolationVerified, status, reason, message);
    }

    /// <summary>
    /// Also states that no provider translates addresses, so that users do not put unused addresses into allow-lists
    /// elsewhere.
    /// </summary>
    private static void EgressReady(ConditionTable conditions, View view)
    {
        if (view.Plan.Problem is null && view.Egress is { } egress)
        {
            conditions.Set(
                ConditionTypes.EgressReady, egress.Status, egress.Problem.Reason, egress.Problem.Message);
        }
    }

    private static void RouterReady(ConditionTable conditions, View view)
    {
        if (view.Plan.Problem is not null)
        {
            return;
        }

        if (view.Options.Router.Provider == RouterProvider.None)
        {
            conditions.Set(
                ConditionTypes.RouterReady,
                ConditionStatus.Unknown,
                Reasons.NotProvisioned,
                "The operator's option routerProvider is None: no web requests are routed.");
        }
        else if (view.Router is { } verdict)
        {
            conditions.SetFalse(ConditionTypes.RouterReady, new(verdict.Reason, verdict.Message));
        }
        else
        {
            conditions.SetTrue(
                ConditionTypes.RouterReady,
                Reasons.Ready,
                RouterConditions.Describe(view.Observed.Space, view.Observed.Routers, view.Options));
        }
    }

    private static void DnsReady(ConditionTable conditions, View view)
    {
        if (view.Plan.Problem is not null || !view.Options.Dns.ServesNames(view.Observed.Space.Spec.Runtime))
        {
            return;
        }

        if (view.Dns is { } verdict)
        {
            conditions.SetFalse(ConditionTypes.DnsReady, new(verdict.Reason, verdict.Message));
        }
        else
        {
            conditions.SetTrue(
                ConditionTypes.DnsReady,
                Reasons.Ready,
                SpaceDnsConditions.Describe(view.Observed.Space, view.Observed.Dns));
        }
    }

    private static void Ready(ConditionTable conditions, View view) => conditions.SetReady(
        RefusedPlan(view) ?? FailedFence(view) ?? StallingWarning(view) ?? Network(view)
        ?? EgressConditions.Judge(view.Egress, view.Observed.Egress) ?? view.Router
        ?? view.Dns ?? new(Progress.Done, Reasons.Ready, "The space is ready for apps."));

    private static ReadyState? RefusedPlan(View view) =>
        view.Plan.Problem is { } problem ? ReadyState.FromProblem(problem) : null;

    private static ReadyState? FailedFence(View view) =>
        view.Outcome.Fence is { Problem: { } failure } fence ? ReadyState.FromFailure(fence, failure) : null;

    private static ReadyState? StallingWarning(View view) =>
        view.Plan.Warnings.FirstOrDefault(warning => warning.Reason.IsFault) is { } stalling
            ? ReadyState.FromProblem(stalling)
            : null;

    /// <summary>
    /// The network's effect on readiness. An untested network does not block, unless dynos wait for the test.
    /// </summary>
    private static ReadyState? Network(View view) => view switch
    {
        { IsSimulated: true } or { Trial.IsEnforced: true } => null,
        { Trial: { IsEnforced: false, Message: var seen } } => ReadyState.Stalled(new(Reasons.NotEnforced, seen)),
        { Options.Isolation.IsProofRequired: true } =>
            ReadyState.Moving(new(Reasons.NotVerified, view.Trial?.Message ?? Untried)),
        _ => null,
    };

    private static void NamespaceReadyWhileDeleting(ConditionTable conditions, View view) =>
        conditions.SetFalse(ConditionTypes.NamespaceReady, ProblemOfDeletion(view));

    private static void NetworkIsolatedWhileDeleting(ConditionTable conditions, View view)
    {
        var isFenced = view.Plan.Policies.Count > 0 && view.Outcome.Fence.Problem is null;
        var problem = ProblemOfDeletion(view);
        conditions.Set(
            ConditionTypes.NetworkIsolated, ConditionStatus.FromBool(isFenced), problem.Reason, problem.Message);
    }

    private static void ReadyWhileDeleting(ConditionTable conditions, View view)
    {
        var (problem, failed) = (ProblemOfDeletion(view), FailureOfDeletion(view));
        conditions.SetReady(
            failed.Problem is not null ? ReadyState.FromFailure(failed, problem) : ReadyState.Moving(problem));
    }

    private static Problem ProblemOfDeletion(View view) =>
        FailureOfDeletion(view).Problem
        ?? new Problem(Reasons.Deleting, Describe(view.Plan.Deletion!.Value, view.Observed));

    private static ApplyOutcome FailureOfDeletion(View view) =>
        view.Outcome.Fence.Problem is null ? view.Outcome.Contents : view.Outcome.Fence;

    private static string Describe(SpaceDeletionStep step, ObservedSpace observed) => step switch
    {
        _ when observed.Held.Count > 0 =>
            $"Waiting for {string.Join(", ", observed.Held)}: the program that set a finalizer must remove it.",
        SpaceDeletionStep.DeleteApps => $"Deleting {observed.Apps} apps and {observed.Dynos.Total} dynos.",
        SpaceDeletionStep.WaitForDynos =>
            $"Waiting for {observed.DynoPods} pods of dynos and {observed.Canaries.Count} canaries to end.",
        SpaceDeletionStep.WaitForRouters => "Waiting for the routers to end.",
        SpaceDeletionStep.DeletePolicies => "Deleting the policies.",
        SpaceDeletionStep.DeleteNamespace or SpaceDeletionStep.WaitForNamespace =>
            "Deleting the "
            + $"namespace.{string.Concat((observed.Namespace?.Remaining ?? []).Select(remaining => $" {remaining}."))}",
        SpaceDeletionStep.ReleaseNamespace => "Releasing the namespace, which was adopted.",
        _ => "Nothing is left to delete.",
    };

    /// <summary>The input of all conditions.</summary>
    private sealed record View(ObservedSpace Observed, SpacePlan Plan, SpaceOutcome Outcome, PlatformOptions Options)
    {
        public string Name => Observed.Space.Metadata.Name;

        public bool IsSimulated => Observed.Cluster.IsSimulated;

        /// <summary>The result of the last trial.</summary>
        public TrialConclusion? Trial { get; } = TrialConclusion.FromRecord(Plan.Trial.Record, Options);

        /// <summary>Whether traffic leaves by the fixed addresses; null if the Space asks for none.</summary>
        public (string Status, Problem Problem)? Egress { get; } = EgressConditions.Ready(
            Observed.Space, Observed.Egress, Observed.Cluster.IsSimulated, Options);

        /// <summary>
        /// Why requests are not routed as the spec asks; null if they are, or if the operator routes none.
        /// </summary>
        public ReadyState? Router { get; } = Plan.Problem is null
            ? RouterConditions.Judge(
                Observed.Space, Plan.Routers.Routers, Observed.Routers, Outcome.Routers, Observed.ServedKinds, Options)
            : null;

        /// <summary>Why names of dynos do not resolve; null if they do, or if the space has no DNS.</summary>
        public ReadyState? Dns { get; } = Plan.Problem is null
            ? SpaceDnsConditions.Judge(Observed.Space, Observed.Dns, Outcome.Dns, Options)
            : null;
    }
}
