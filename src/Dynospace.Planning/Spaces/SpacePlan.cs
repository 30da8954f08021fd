using Dynospace.Api;
using Dynospace.Planning.Children;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Routers;
using k8s.Models;

namespace Dynospace.Planning.Spaces;

/// <summary>The plan for a space.</summary>
public sealed record SpacePlan
{
    /// <summary>The namespace and the policies; while the Space is being deleted also its Apps and Dynos.</summary>
    public ChildPlan Children { get; init; } = ChildPlan.Empty;

    /// <summary>The space's routers. They are created after the policies and deleted with the dynos.</summary>
    public RouterPlan Routers { get; init; } = RouterPlan.None;

    /// <summary>The space's own DNS. It is created after the policies and deleted with the routers.</summary>
    public ChildPlan Dns { get; init; } = ChildPlan.Empty;

    /// <summary>The next step of the isolation trial.</summary>
    public TrialPlan Trial { get; init; } = new();

    /// <summary>Why nothing is applied; null for a plan that can be applied.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Problems that do not stop the rest.</summary>
    public IReadOnlyList<Problem> Warnings { get; init; } = [];

    /// <summary>A note for users on policies that are as the spec asks, in whole sentences; null for none.</summary>
    public string? Note { get; init; }

    /// <summary>The ranges that are excluded from the internet.</summary>
    public IReadOnlyList<string> DeniedRanges { get; init; } = [];

    /// <summary>While the Space is being deleted: the next step.</summary>
    public SpaceDeletionStep? Deletion { get; init; }

    /// <summary>On <see cref="SpaceDeletionStep.ReleaseNamespace"/>: the labels to remove.</summary>
    public IReadOnlyList<string> LabelsToRemove { get; init; } = [];

    /// <summary>On <see cref="SpaceDeletionStep.ReleaseNamespace"/>: the annotations to remove.</summary>
    public IReadOnlyList<string> AnnotationsToRemove { get; init; } = [];

    /// <summary>When to reconcile again without a change; null for never.</summary>
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
    /// Whether the observed policies are the desired ones, because nothing had to be written. Only then does a trial
    /// test them.
    /// </summary>
    public bool IsSettledAfter(bool wroteNothing) =>
        wroteNothing
        && Problem is null
        && PoliciesToDelete.Count == 0
        && Warnings.All(warning => warning.Reason != Reasons.NameTaken);

    /// <summary>
    /// The plan, adjusted to the result of applying it. The result of the trial counts only if the policies were
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

/// <summary>The result of applying each part of a space's plan.</summary>
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

    /// <summary>Whether namespace and policies were already as desired.</summary>
    public bool WroteNothing { get; init; } = true;

    /// <summary>The first part that prevents the space's isolation; success if there is none.</summary>
    public ApplyOutcome Fence => Namespace.Problem is null ? Policies : Namespace;
}

/// <summary>
/// The next step of a space's deletion. Dynos are deleted before the policies that isolate them, and policies before
/// the namespace.
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

    /// <summary>Remove the space's labels from the namespace, which was adopted and must not be deleted.</summary>
    ReleaseNamespace,

    /// <summary>Wait until the namespace is gone.</summary>
    WaitForNamespace,

    /// <summary>Remove the finalizer.</summary>
    Done,
}
