using Dynospace.Planning.Routers;
using k8s.Models;

namespace Dynospace.Planning.Spaces;

/// <summary>What a space needs now.</summary>
public sealed record SpacePlan
{
    /// <summary>The namespace to apply; null to leave it alone.</summary>
    public V1Namespace? Namespace { get; init; }

    /// <summary>The policies to apply, in this order: default-deny first. A policy of the space that is neither here nor to be deleted stays as it is.</summary>
    public IReadOnlyList<V1NetworkPolicy> Policies { get; init; } = [];

    /// <summary>Policies of the space that are not wanted any more.</summary>
    public IReadOnlyList<ChildReference> PoliciesToDelete { get; init; } = [];

    /// <summary>The space's routers.</summary>
    public RouterPlan Routers { get; init; } = RouterPlan.None;

    /// <summary>Why nothing is applied; null for a plan that can be applied.</summary>
    public Problem? Problem { get; init; }

    /// <summary>What is wrong without stopping the rest.</summary>
    public IReadOnlyList<Problem> Warnings { get; init; } = [];

    /// <summary>What dynos cannot reach as "internet".</summary>
    public IReadOnlyList<string> DeniedRanges { get; init; } = [];

    /// <summary>While the Space is being deleted: what comes next.</summary>
    public SpaceDeletionStep? Deletion { get; init; }

    /// <summary>On <see cref="SpaceDeletionStep.ReleaseNamespace"/>: the labels and annotations to take off.</summary>
    public IReadOnlyList<string> LabelsToRemove { get; init; } = [];

    /// <inheritdoc cref="LabelsToRemove"/>
    public IReadOnlyList<string> AnnotationsToRemove { get; init; } = [];

    /// <summary>When to look again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}
