using Dynospace.Api.Spaces;
using Dynospace.Planning.Pods;
using k8s.Models;

namespace Dynospace.Planning.Isolation;

/// <summary>What a space's trial needs now.</summary>
public sealed record TrialPlan
{
    /// <summary>The last trial, for the status; null where none was held.</summary>
    public IsolationTrial? Record { get; init; }

    /// <summary>What the record tells of enforcement.</summary>
    public EnforcementFacts? Facts { get; init; }

    /// <summary>A canary to make.</summary>
    public V1Pod? Pod { get; init; }

    /// <summary>Canaries that are no longer needed.</summary>
    public IReadOnlyList<PodDeletion> PodsToDelete { get; init; } = [];

    /// <summary>When to look again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}
