using Dynospace.Api;
using Dynospace.Api.Spaces;

namespace Dynospace.Planning.Isolation;

/// <summary>
/// What the pods of one trial are called. The names follow from a secret of this process, the last trial and what is tried: planning
/// again finds the same pods, the next trial makes others, and nobody can have made one in advance.
/// </summary>
/// <param name="Suffix">What sets them apart from those of any other trial.</param>
internal sealed record TrialPods(string Suffix)
{
    private const int SuffixLength = 10;

    public string Target => $"canary-{CanaryRoles.Target}-{Suffix}";

    public string Probe => $"canary-{CanaryRoles.Probe}-{Suffix}";

    /// <summary>What the target answers.</summary>
    public string Answer => $"canary {Suffix}";

    public static TrialPods Of(Space space, string subject, string seed) =>
        new(new StableHash()
            .Add(seed)
            .Add(space.Metadata.Uid)
            .Add(space.Status?.Isolation?.TriedAt.Ticks ?? 0)
            .Add(subject)
            .ToNameSuffix(SuffixLength));
}
