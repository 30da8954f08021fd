using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>What a dyno needs now.</summary>
public sealed record DynoPlan
{
    /// <summary>The pod to create; null for none. Pods are created, never applied: they do not change.</summary>
    public V1Pod? Pod { get; init; }

    /// <summary>The pods to delete.</summary>
    public IReadOnlyList<PodDeletion> PodsToDelete { get; init; } = [];

    /// <summary>The pod that is the dyno now and stays; null when there is none.</summary>
    public PodFacts? CurrentPod { get; init; }

    /// <summary>Why no pod is made; null when nothing is in the way.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The release that the dyno shall run.</summary>
    public long? Release { get; init; }

    /// <summary>When to look again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}
