using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>The observed state of a NetworkPolicy in a space's namespace.</summary>
public sealed record PolicyFacts
{
    /// <summary>The policy's name.</summary>
    public required string Name { get; init; }

    /// <summary>The policy's UID.</summary>
    public string? Uid { get; init; }

    /// <summary>
    /// The name of the space that the operator made it for; null for one that the operator did not make.
    /// </summary>
    public string? Space { get; init; }

    /// <summary>The UID of the Space that it was made for; null for one that the operator did not make.</summary>
    public string? SpaceUid { get; init; }

    /// <summary>
    /// The UID in its label with the owner's uid, which the operator sets in addition to the other marks.
    /// </summary>
    public string? OwnerUid { get; init; }

    /// <summary>
    /// Whether the Space that it was made for no longer exists, for example after a restore from a backup.
    /// </summary>
    public bool IsOrphaned { get; init; }

    /// <summary>The generation of its spec.</summary>
    public long Generation { get; init; }

    /// <summary>Its egress rules, to check whether a policy that stays in force is still sound.</summary>
    public IReadOnlyList<V1NetworkPolicyEgressRule> Egress { get; init; } = [];

    /// <summary>The facts of a policy.</summary>
    public static PolicyFacts FromPolicy(V1NetworkPolicy found) =>
        new()
        {
            Name = found.Metadata.Name,
            Uid = found.Metadata.Uid,
            Space = found.Metadata.Labels is { } labels
                && labels.TryGetValue(Labels.ManagedBy, out var manager) && manager == Labels.ManagedByValue
                && labels.TryGetValue(Labels.Space, out var space) ? space : null,
            SpaceUid = found.Metadata.Annotations?.TryGetValue(Annotations.SpaceUid, out var uid) == true ? uid : null,
            OwnerUid = found.Metadata.Labels?.TryGetValue(Labels.OwnerUid, out var owner) == true ? owner : null,
            Generation = found.Metadata.Generation ?? 0,
            Egress = (found.Spec?.Egress ?? []).AsReadOnly(),
        };
}
