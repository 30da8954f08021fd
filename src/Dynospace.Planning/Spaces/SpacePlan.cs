using Dynospace.Api;
using Dynospace.Planning.Children;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Routers;
using k8s.Models;

namespace Dynospace.Planning.Spaces;

/// <summary>What a space needs now.</summary>
public sealed record SpacePlan
{
    /// <summary>The namespace and the policies, and while the Space is being deleted its Apps and Dynos.</summary>
    public ChildPlan Children { get; init; } = ChildPlan.Empty;

    /// <summary>The space's routers. They come after the policies, and go with the dynos.</summary>
    public RouterPlan Routers { get; init; } = RouterPlan.None;

    /// <summary>The space's own DNS. It comes after the policies, and goes with the routers.</summary>
    public ChildPlan Dns { get; init; } = ChildPlan.Empty;

    /// <summary>The next step of the isolation trial.</summary>
    public TrialPlan Trial { get; init; } = new();

    /// <summary>Why nothing is applied; null for a plan that can be applied.</summary>
    public Problem? Problem { get; init; }

    /// <summary>What is wrong without stopping the rest.</summary>
    public IReadOnlyList<Problem> Warnings { get; init; } = [];

    /// <summary>
    /// What people must know of the policies though they are as the spec asks: whole sentences; null for nothing.
    /// </summary>
    public string? Note { get; init; }

    /// <summary>What dynos cannot reach as "internet".</summary>
    public IReadOnlyList<string> DeniedRanges { get; init; } = [];

    /// <summary>While the Space is being deleted: what comes next.</summary>
    public SpaceDeletionStep? Deletion { get; init; }

    /// <summary>On <see cref="SpaceDeletionStep.ReleaseNamespace"/>: the labels to remove.</summary>
    public IReadOnlyList<string> LabelsToRemove { get; init; } = [];

    /// <summary>On <see cref="SpaceDeletionStep.ReleaseNamespace"/>: the annotations to remove.</summary>
    public IReadOnlyList<string> AnnotationsToRemove { get; init; } = [];

    /// <summary>When to look again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>The namespace to apply; null to leave it alone.</summary>
    public V1Namespace? Namespace => Children.All<V1Namespace>().FirstOrDefault();

    /// <summary>
    /// The policies to apply. A policy of the space that is neither here nor to be deleted stays as it is.
    /// </summary>
    public IReadOnlyList<V1NetworkPolicy> Policies => [.. Children.All<V1NetworkPolicy>()];

    /// <summary>The policies to delete.</summary>
    public IReadOnlyList<ChildIdentity> PoliciesToDelete =>
        [
            .. Children.Deletions.Select(deletion => deletion.Child)
                .Where(child => child.Kind == V1NetworkPolicy.KubeKind),
        ];

    /// <summary>
    /// Whether the policies that were observed are the desired ones, so that a trial is about them: nothing had to be
    /// written.
    /// </summary>
    public bool IsSettledAfter(bool wroteNothing) =>
        wroteNothing
        && Problem is null
        && PoliciesToDelete.Count == 0
        && Warnings.All(warning => warning.Reason != Reasons.NameTaken);

    /// <summary>
    /// The plan in view of how applying it went: what the trial seemed to show counts only if the policies were
    /// settled.
    /// </summary>
    public SpacePlan After(SpaceOutcome outcome, DateTimeOffset now)
    {
        var trial = Trial;
        if (Deletion is null && !IsSettledAfter(outcome.WroteNothing))
        {
            trial = Trial.WhileUnsettled();
        }
        else if (outcome.Trial is { Problem: { } refusal, IsRetrying: false })
        {
            trial = Trial.Refused(refusal.Message, now);
        }

        return this with { Trial = trial, RecheckAfter = new[] { RecheckAfter, trial.RecheckAfter }.Min() };
    }
}

/// <summary>How applying a space's plan went, part by part.</summary>
public sealed record SpaceOutcome
{
    /// <summary>The namespace.</summary>
    public ApplyOutcome Namespace { get; init; } = ApplyOutcome.Success;

    /// <summary>The policies.</summary>
    public ApplyOutcome Policies { get; init; } = ApplyOutcome.Success;

    /// <summary>While the Space is being deleted: its Apps and Dynos.</summary>
    public ApplyOutcome Contents { get; init; } = ApplyOutcome.Success;

    /// <summary>The routers.</summary>
    public ApplyOutcome Routers { get; init; } = ApplyOutcome.Success;

    /// <summary>The space's own DNS.</summary>
    public ApplyOutcome Dns { get; init; } = ApplyOutcome.Success;

    /// <summary>The canaries of a trial.</summary>
    public ApplyOutcome Trial { get; init; } = ApplyOutcome.Success;

    /// <summary>Whether namespace and policies were as desired already.</summary>
    public bool WroteNothing { get; init; } = true;

    /// <summary>The first part that keeps the space from being isolated; success when there is none.</summary>
    public ApplyOutcome Fence => Namespace.Problem is null ? Policies : Namespace;
}

/// <summary>
/// The next step of a space's deletion. Dynos go before the policies that fence them, and those before the namespace.
/// </summary>
public enum SpaceDeletionStep
{
    /// <summary>Delete all Apps and Dynos of the namespace.</summary>
    DeleteApps,

    /// <summary>Wait until the last dyno's pod is gone.</summary>
    WaitForDynos,

    /// <summary>Wait until the last pod and part of the space's routers is gone.</summary>
    WaitForRouters,

    /// <summary>Delete the policies.</summary>
    DeletePolicies,

    /// <summary>Delete the namespace, which the operator made.</summary>
    DeleteNamespace,

    /// <summary>
    /// Remove the space's labels from the namespace, which was adopted and is not the operator's to delete.
    /// </summary>
    ReleaseNamespace,

    /// <summary>Wait until the namespace is gone.</summary>
    WaitForNamespace,

    /// <summary>Remove the finalizer.</summary>
    Done,
}
