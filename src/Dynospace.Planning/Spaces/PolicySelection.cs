using Dynospace.Api;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Children;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Spaces;

/// <summary>Chooses between the policies that a spec asks for and those that are in force.</summary>
internal sealed record PolicySelection
{
    public required IReadOnlyList<V1NetworkPolicy> ToApply { get; init; }

    public required IReadOnlyList<ChildIdentity> ToDelete { get; init; }

    public required IReadOnlyList<Problem> Problems { get; init; }

    /// <summary>
    /// Selects the policies to apply. A policy with a conflict is not applied while the one in force is sound. If there
    /// is none, or if it now allows addresses of the cluster, the policy is applied without the conflicting parts. A
    /// policy of another owner is left alone.
    /// </summary>
    public static PolicySelection Select(
        ObservedSpace observed, IReadOnlyList<PolicyDraft> drafts, PlatformOptions options)
    {
        var found = observed.Policies.ToDictionary(policy => policy.Name);
        var gate = AddressBlock.Parse(options.Egress.GateAddress);
        var (apply, keep, problems) = (new List<V1NetworkPolicy>(), new HashSet<string>(), new List<Problem>());
        foreach (var draft in drafts)
        {
            problems.AddRange(draft.Conflicts);
            var existing = found.GetValueOrDefault(draft.Name);
            if (existing is not null && !IsOurs(existing, observed))
            {
                keep.Add(draft.Name);
                if (draft.Policy is not null)
                {
                    problems.Add(NameTaken(draft.Name));
                }
            }
            else if (draft.Conflicts.Count > 0
                && existing is not null
                && AddressRules.AreSound(existing.Egress, draft.Forbidden!, gate))
            {
                keep.Add(draft.Name);
            }
            else if (draft.Policy is not null)
            {
                keep.Add(draft.Name);
                apply.Add(draft.Policy);
            }
        }

        var foreign = observed.Policies.Where(policy => !IsOurs(policy, observed) && !keep.Contains(policy.Name))
            .Select(policy => policy.Name);
        return new()
        {
            ToApply = apply,
            ToDelete = [.. OursToDelete(observed).Where(policy => !keep.Contains(policy.Name))],
            Problems = [.. problems, .. Foreign(foreign)],
        };
    }

    /// <summary>
    /// Every policy that was made for this Space. A policy for a Space with another UID is not ours to delete, even
    /// with the same name and labels.
    /// </summary>
    public static IEnumerable<ChildIdentity> OursToDelete(ObservedSpace observed) =>
        observed.Policies
            .Where(policy => IsOurs(policy, observed)
                && (policy.IsOrphaned || policy.SpaceUid == observed.Space.Metadata.Uid))
            .Select(
                policy => ChildIdentity.For<V1NetworkPolicy>(observed.Space.Metadata.Name, policy.Name, policy.Uid));

    /// <summary>
    /// Whether the policy has any of our marks, so that a manual edit that removes one does not make it foreign.
    /// </summary>
    private static bool IsOurs(PolicyFacts policy, ObservedSpace observed) =>
        policy.Space == observed.Space.Metadata.Name
        || (observed.Space.Metadata.Uid is { Length: > 0 } uid && (policy.SpaceUid == uid || policy.OwnerUid == uid));

    private static Problem NameTaken(string name) =>
        new(Reasons.NameTaken, $"NetworkPolicy {name} exists and was not made by the operator: rename or delete it");

    private static IEnumerable<Problem> Foreign(IEnumerable<string> names)
    {
        var list = string.Join(", ", names.Order(StringComparer.Ordinal));
        return list.Length == 0
            ? []
            :
            [
                new(Reasons.ForeignPolicies, "Policies add up, so these, which the operator did not make, may allow "
                    + $"more than the space does: {list}"),
            ];
    }
}
