using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Dynos;

/// <summary>Decides what a dyno needs.</summary>
public static class DynoPlanner
{
    /// <summary>The plan for what was observed. A plan with a problem starts nothing and stops nothing that runs.</summary>
    public static DynoPlan Plan(ObservedDyno observed, PlatformOptions options)
    {
        var dyno = observed.Dyno;
        if (dyno.Metadata.DeletionTimestamp is not null)
        {
            return DynoPods.PlanEnd(observed);
        }

        if (observed.App is not { } app)
        {
            return Refuse(observed, options, new(
                Reasons.AppNotFound,
                $"spec.app {dyno.Spec.App}: namespace {dyno.Metadata.NamespaceProperty} has no such App: create it, or delete this Dyno."));
        }

        if (!DynoIdentity.IsAllowed(dyno, app))
        {
            return Refuse(observed, options, new(
                Reasons.NotOneOff,
                $"spec.processType {dyno.Spec.ProcessType} is the App's to run: set its quantity in App {app.Metadata.Name}, "
                + $"or use processType {ProcessTypes.Run} for a one-off."));
        }

        return observed.Space is { } space
            ? PlanPods(observed, app, space, options)
            : Refuse(observed, options, MissingSpace.Of("Dyno", dyno.Metadata.NamespaceProperty, observed.SpaceExists));
    }

    private static DynoPlan PlanPods(ObservedDyno observed, App app, SpaceFacts space, PlatformOptions options)
    {
        var isOneOff = DynoIdentity.KindOf(observed.Dyno) == DynoKind.OneOff;
        if (isOneOff && OneOff.HasBegun(observed))
        {
            var pod = OneOff.PodOf(observed.Pods);
            return new() { CurrentPod = pod, Release = pod?.Release ?? observed.Dyno.Status?.Release };
        }

        var number = observed.Dyno.Spec.Release ?? app.Status?.Release;
        if (number is null || observed.Releases.FirstOrDefault(release => release.Number == number) is not { } release)
        {
            var what = number is null ? $"App {app.Metadata.Name} has no release that is out yet." : $"App {app.Metadata.Name} has no release {number}.";
            return Refuse(observed, options, new(Reasons.ReleaseNotFound, what));
        }

        return DynoPods.Plan(observed, new PodTemplate(observed.Dyno, app, space, release), options);
    }

    private static DynoPlan Refuse(ObservedDyno observed, PlatformOptions options, Problem problem) =>
        new() { Problem = problem, CurrentPod = DynoPods.Best(observed.Pods), RecheckAfter = options.Cluster.RecheckInterval };
}
