using k8s;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>What routers need now. Whatever else their owner has of these kinds goes.</summary>
public sealed record RouterPlan
{
    /// <summary>No router at all.</summary>
    public static RouterPlan None { get; } = new();

    /// <summary>Policies, accounts and rights: they must stand before the first pod runs.</summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Fences { get; init; } = [];

    /// <summary>Deployments, their budgets and Services.</summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Workloads { get; init; } = [];

    /// <summary>The routers that shall serve.</summary>
    public IReadOnlyList<RouterIdentity> Routers { get; init; } = [];
}
