using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routing;
using Dynospace.Planning.Routing.Providers;

namespace Dynospace.Planning.Apps;

/// <summary>Decides what an app needs.</summary>
public static class AppPlanner
{
    /// <summary>The plan for what was observed. A plan with a problem holds nothing: what runs goes on as it is.</summary>
    public static AppPlan Plan(ObservedApp observed, PlatformOptions options)
    {
        if (observed.App.Metadata.DeletionTimestamp is not null)
        {
            return new();
        }

        var secrets = observed.Secrets.ToDictionary(secret => secret.Name);
        return Refusal(observed, secrets) is { } problem
            ? new()
            {
                Problem = problem,
                RecheckAfter = options.Cluster.RecheckInterval,
                CurrentRelease = observed.App.Status?.Release,
                Hosts = observed.Space is null ? [] : HostGrants.Kept(observed, options),
                Routing = AppRouting.PlanRefused(observed, options),
            }
            : PlanApp(observed, observed.Space!, secrets, options);
    }

    private static AppPlan PlanApp(
        ObservedApp observed, SpaceFacts space, Dictionary<string, SecretDigest> secrets, PlatformOptions options)
    {
        var app = observed.App;
        var wished = Formation.Of(app.Spec);
        var release = new ReleasePlanner(observed).Decide(secrets);
        var formation = new FormationPlanner(app, observed.Dynos, wished).Plan(release.Current, release.Wanted);
        var services = ServicePlanner.Plan(observed, space.Runtime, wished, options);
        var hosts = HostGrants.Of(observed, options);
        var isRouted = services.ToApply.Any(service => service.Metadata.Name == AppNames.WebService(app.Metadata.Name));
        var hasWeb = wished.Any(process => process.Type == ProcessTypes.Web);
        var routing = isRouted ? RoutePlanner.Plan(app, space, hosts, observed.Routes, options) : RoutePlan.None;
        List<Problem> warnings = [.. Unsupported(observed, space), .. services.Problems, .. formation.Problems];
        return new()
        {
            Release = release.IsNew ? release.Wanted.ToRevision(app) : null,
            UnseenRelease = release.Unseen is { } unseen ? ReleaseRecord.NameOf(app.Metadata.Name, unseen) : null,
            Services = services.ToApply,
            Dynos = release.Phase is { } phase ? [phase, .. formation.ToApply] : formation.ToApply,
            DynosToDelete = [.. formation.ToDelete, .. release.PhasesToDelete],
            ServicesToDelete = services.ToDelete,
            ReleasesToDelete = ReleasePruning.Prune(observed, release, options),
            Warnings = warnings,
            // An app without a web process has its hosts at our routers: whoever asks there is told that it has no web dyno.
            Hosts = routing.Withheld is null && (isRouted || (!hasWeb && !options.Router.IsForeign)) ? hosts.Hosts : [],
            Routing = routing,
            RouteProblem = isRouted ? routing.Withheld ?? RouteProblems.FirstOf(app, hosts, observed.Routes, options) : null,
            WantedRelease = release.Wanted.Number,
            CurrentRelease = release.Current?.Number,
            ReleaseProblem = release.Problem,
            RecheckAfter = warnings.Count > 0 ? options.Cluster.RecheckInterval : null,
        };
    }

    private static Problem? Refusal(ObservedApp observed, Dictionary<string, SecretDigest> secrets)
    {
        if (observed.Space is not { } space)
        {
            return MissingSpace.Of("App", observed.App.Metadata.NamespaceProperty, observed.SpaceExists);
        }

        if (space.IsDeleting)
        {
            return new(Reasons.SpaceNotReady, $"Space {space.Name} is being deleted.");
        }

        return SecretProblem(observed.App, secrets);
    }

    private static Problem? SecretProblem(App app, Dictionary<string, SecretDigest> secrets)
    {
        var ns = app.Metadata.NamespaceProperty;
        var names = (app.Spec.ConfigFrom ?? []).Select(source => source.SecretRef.Name).Distinct().ToList();
        if (names.Where(name => !secrets.ContainsKey(name)).ToList() is { Count: > 0 } missing)
        {
            return new(
                Reasons.SecretNotFound,
                $"spec.configFrom names {string.Join(", ", missing)}, but namespace {ns} has no such Secret: create it, or remove the reference. What runs goes on.");
        }

        return names.Where(name => secrets[name].IsToken).ToList() is { Count: > 0 } tokens
            ? new(
                Reasons.SecretRefused,
                $"spec.configFrom names {string.Join(", ", tokens)}, which holds the token of a service account: dynos have no rights in the cluster, "
                + "so remove the reference. What runs goes on.")
            : null;
    }

    private static IEnumerable<Problem> Unsupported(ObservedApp observed, SpaceFacts space) =>
        observed.App.Spec.InternalRouting && space.Runtime == SpaceRuntime.Common
            ? [new(
                Reasons.InternalRoutingUnsupported,
                $"spec.internalRouting needs a Private or Shield space, and {space.Name} is Common: create the App there. Its web dynos run and receive nothing.")]
            : [];
}
