using Dynospace.Planning.Addresses;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>One policy as the spec asks for it, without what the spec must not ask for.</summary>
/// <param name="Name">The policy's name.</param>
/// <param name="Policy">The policy; null when nothing of it is left or wanted.</param>
internal sealed record PolicyDraft(string Name, V1NetworkPolicy? Policy)
{
    /// <summary>What had to be left out.</summary>
    public IReadOnlyList<Problem> Conflicts { get; init; } = [];

    /// <summary>What no version of this policy may let dynos reach; null for a policy without addresses.</summary>
    public AddressSet? Forbidden { get; init; }

    public static PolicyDraft Of(V1NetworkPolicy policy) => new(policy.Metadata.Name, policy);
}
