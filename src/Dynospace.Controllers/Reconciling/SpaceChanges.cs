using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Controllers.Reconciling;

/// <summary>
/// Decides which changes of a Space or its namespace affect its apps and dynos: few changes do, and there may be many
/// apps.
/// </summary>
public static class SpaceChanges
{
    public static bool Matters(Space? before, Space? after, PlatformOptions options) =>
        before is null || after is null || FactsOf(before, options) != FactsOf(after, options);

    /// <summary>For dynos, which have nothing to do with routers.</summary>
    public static bool MattersToDynos(Space? before, Space? after, PlatformOptions options) =>
        before is null || after is null
        || SpaceFacts.FromSpace(before, options) with { RouterProblem = null }
            != SpaceFacts.FromSpace(after, options) with { RouterProblem = null };

    public static bool Matters(V1Namespace? before, V1Namespace? after) => SpaceLabel(before) != SpaceLabel(after);

    /// <summary>Changes of the cluster have triggers of their own.</summary>
    private static SpaceFacts FactsOf(Space space, PlatformOptions options) =>
        SpaceFacts.FromSpace(space, ClusterFacts.Unknown, options);

    private static string? SpaceLabel(V1Namespace? ns) =>
        ns?.Metadata.Labels is { } labels && labels.TryGetValue(Labels.Space, out var space) ? space : null;
}
