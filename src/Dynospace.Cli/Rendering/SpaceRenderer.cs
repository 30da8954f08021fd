using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Spaces;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>Plans one Space and gives it the status that it would have after the plan is applied.</summary>
internal sealed class SpaceRenderer(PlatformInput input, ClusterFacts cluster, PlatformOptions options)
{
    /// <summary>Printed statuses hold no time; any value will do.</summary>
    private static readonly DateTimeOffset AnyTime = DateTimeOffset.UnixEpoch;

    public SpaceRendering Render(Space space)
    {
        SyntheticUid.Give(space);
        var observed = Observe(space);
        var plan = SpacePlanner.Plan(observed, options);
        space.Status = SpaceStatusBuilder.Build(observed, plan, new SpaceOutcome(), options, AnyTime);
        IEnumerable<Problem> problems = plan.Problem is { } problem ? [problem] : plan.Warnings;
        return new SpaceRendering(
            // A router that is applied comes up.
            plan.Problem is null ? SpaceFacts.FromSpace(space, cluster, options) with { RouterProblem = null } : null,
            [.. plan.Children.Objects.Concat(plan.Routers.Children.Objects).Select(child => child.Content)],
            [.. problems.Select(found => RenderProblem.FromProblem(space, found))]);
    }

    private ObservedSpace Observe(Space space)
    {
        var name = space.Metadata.Name;
        return new ObservedSpace
        {
            Space = space,
            Namespace = input.OthersIn<V1Namespace>(null)
                .FirstOrDefault(found => found.Metadata.Name == name) is { } ns
                    ? NamespaceFacts.FromNamespace(ns)
                    : null,
            Cluster = cluster,
            Policies = [.. input.OthersIn<V1NetworkPolicy>(name).Select(PolicyFacts.FromPolicy)],
            Apps = AppsOf(name).Count(),
            RoutedApps = [.. AppsOf(name).Select(RoutedApp.FromApp)],
        };
    }

    /// <summary>The router that all Common spaces of the manifests share.</summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> RenderShared(bool hasCommonSpaces)
    {
        var plan = RouterPlanner.PlanShared(hasCommonSpaces, cluster, options);
        return [.. plan.Children.Objects.Select(child => child.Content)];
    }

    private IEnumerable<App> AppsOf(string space) => input.Apps.Where(app => app.Metadata.NamespaceProperty == space);
}

/// <summary>The result of rendering one Space.</summary>
/// <param name="Facts">What its apps see of it; null if it gets no namespace.</param>
/// <param name="Objects">Its namespace and policies.</param>
/// <param name="Problems">What prevents objects from being made as desired.</param>
internal sealed record SpaceRendering(
    SpaceFacts? Facts, IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects, IReadOnlyList<RenderProblem> Problems);

/// <summary>
/// Stands in for the UIDs of an API server: the same for the same name, so that names derived from them are stable.
/// </summary>
internal static class SyntheticUid
{
    public static string ForObject(IKubernetesObject<V1ObjectMeta> item) =>
        $"{item.Kind}/{item.Metadata.NamespaceProperty}/{item.Metadata.Name}";

    public static void Give(IKubernetesObject<V1ObjectMeta> item)
    {
        item.Metadata.Uid = ForObject(item);
        item.Metadata.Generation = 1;
    }
}
