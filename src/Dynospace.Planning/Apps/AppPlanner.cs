// Apps: plans an App: its release, its Services and one Dyno for each unit of its formation; and its status.

using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Children;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;

namespace Dynospace.Planning.Apps;

/// <summary>
/// Decides the release, Services, dynos and routes of an app from its spec, its space and its existing objects. Each
/// decision has a planner in this folder; this one calls them in order.
/// </summary>
public static class AppPlanner
{
    /// <summary>A release references the Secrets with its values permanently, so the App must own them first.</summary>
    public const int SecretStage = 0;

    /// <summary>Dynos name their release, so it must exist before them.</summary>
    private const int ReleaseStage = 1;

    /// <summary>Services and dynos do not wait for one another: a refused Service must not hold up a dyno.</summary>
    private const int FormationStage = 2;

    /// <summary>
    /// Plans the observed app. A plan with a problem changes nothing: running dynos stay as they are.
    /// </summary>
    public static AppPlan Plan(ObservedApp observed, PlatformOptions options)
    {
        if (observed.App.Metadata.DeletionTimestamp is not null)
        {
            return PlanEnd(observed);
        }

        var plan = Refusal(observed, options) is { } problem
            ? PlanRefused(observed, problem, options)
            : PlanApp(observed, observed.Space!, options);
        return plan with { Scale = WebScale.FromApp(observed.App) };
    }

    /// <summary>
    /// A finalizer of another owner keeps the App object, but not its dynos. The finalizer <c>orphan</c> is different:
    /// the deletion asked to keep the dynos, and garbage collection detaches them.
    /// </summary>
    private static AppPlan PlanEnd(ObservedApp observed) => observed.App.Metadata.Finalizers?.Contains("orphan") == true
        ? new()
        : new()
        {
            Children = new()
            {
                Deletions =
                [
                    .. observed.Dynos
                        .Where(dyno => Owners.IsControlledBy(dyno, observed.App)
                            && dyno.Metadata.DeletionTimestamp is null)
                        .Select(dyno => AppDeletions.For<Dyno>(observed.App, dyno.Metadata.Name, dyno.Metadata.Uid)),
                ],
            },
        };

    private static AppPlan PlanRefused(ObservedApp observed, Problem problem, PlatformOptions options)
    {
        var routing = AppRouting.PlanRefused(observed, options);
        return new()
        {
            Problem = problem,
            RecheckAfter = options.Cluster.RecheckInterval,
            CurrentRelease = observed.App.Status?.Release,
            Hosts = routing.Hosts,
            Routing = routing.Routes,
            RouteProblem = routing.Problem,
        };
    }

    private static AppPlan PlanApp(ObservedApp observed, SpaceFacts space, PlatformOptions options)
    {
        var app = observed.App;
        var formation = Formation.FromSpec(app);
        var releases = new ReleasePlanner(observed);
        var release = releases.Decide();
        var dynos = new FormationPlanner(observed, formation).Plan(
            release.Current,
            !release.IsSettling && !release.Wanted.IsRollback && release.Current?.Number == release.Wanted.Number);
        var budgets = DisruptionBudgets.Plan(observed, release.Current is null ? [] : formation, space.Runtime);
        var services = ServicePlanner.Plan(observed, space.Runtime, formation, options);
        var routing = AppRouting.Plan(observed, space, formation, services.HasWeb(app), options);
        List<Problem> warnings = [.. Unsupported(app, space), .. services.Problems, .. dynos.Problems];
        return new()
        {
            Children = new()
            {
                Objects = [.. Planned(app, release, services, budgets, dynos)],
                Deletions =
                [
                    .. releases.Orphans(release),
                    .. budgets.ToDelete,
                    .. dynos.ToDelete,
                    .. release.PhasesToDelete,
                    .. services.ToDelete,
                    .. releases.Surplus(release, options.Releases.History),
                    .. releases.SurplusSecrets(release, options.Releases.History),
                ],
            },
            Secrets = release.Secrets,
            UnseenRelease = release.Unseen is { } unseen ? ReleaseRecord.NameOf(app.Metadata.Name, unseen) : null,
            WantedRelease = release.Wanted.Number,
            CurrentRelease = release.Current?.Number,
            ReleaseProblem = release.Problem,
            ReleaseNote = release.RollbackNote,
            Hosts = routing.Hosts,
            Routing = routing.Routes,
            RouteProblem = routing.Problem,
            Restored = dynos.Restored,
            Warnings = warnings,
            BudgetProblem = budgets.Problem,
            RecheckAfter = release.RecheckAfter ?? (warnings.Count > 0 ? options.Cluster.RecheckInterval : null),
        };
    }

    private static IEnumerable<PlannedObject> Planned(
        App app, ReleaseDecision release, ServicePlan services, BudgetPlan budgets, FormationPlan dynos)
    {
        if (release.Adopted is { } adopted)
        {
            // The API server refuses every change of a revision whose JSON another client spelled differently from the
            // server, as a restore by a program not written in Go does.
            yield return new(adopted)
            {
                Stage = ReleaseStage,
                Guard = ChildGuard.TrustCache,
                Replacement = release.Wanted.ToRevision(app),
            };
        }

        if (release.IsNew)
        {
            yield return new(release.Wanted.ToRevision(app, release.Origin))
            {
                Stage = ReleaseStage,
                Guard = ChildGuard.CreateOnly,
            };
        }

        foreach (var service in services.ToApply)
        {
            yield return new(service) { Stage = FormationStage, Guard = ChildGuard.TrustCache };
        }

        foreach (var budget in budgets.ToApply)
        {
            yield return new(budget) { Stage = FormationStage, Guard = ChildGuard.TrustCache };
        }

        foreach (var dyno in release.Phase is { } phase ? dynos.ToApply.Prepend(phase) : dynos.ToApply)
        {
            yield return new(dyno) { Stage = FormationStage, Guard = ChildGuard.TrustCache };
        }
    }

    /// <summary>Why the spec cannot be applied at all; null if it can.</summary>
    private static Problem? Refusal(ObservedApp observed, PlatformOptions options)
    {
        if (observed.Space is not { } space)
        {
            return MissingSpace.Explain("App", observed.App.Metadata.NamespaceProperty, observed.SpaceExists);
        }

        return space.IsDeleting
            ? new(Reasons.SpaceNotReady, $"Space {space.Name} is being deleted.")
            : ForeignSize(observed.App, space, options)
                ?? TooManyDynos(observed.App)
                ?? MissingSecret(observed)
                ?? TokenSecret(observed);
    }

    private static Problem? ForeignSize(App app, SpaceFacts space, PlatformOptions options) =>
        (app.Spec.Processes ?? [])
            .Select(
                process =>
                    (process.Type, Refusal: options.Dynos.Sizes.Refusal(process.Size, space.Runtime, space.Name)))
            .FirstOrDefault(process => process.Refusal is not null) is { Refusal: { } refusal } foreign
                ? new(
                    Reasons.SizeUnsupported,
                    $"spec.processes {foreign.Type} has size {refusal}. Running dynos are not affected.")
                : null;

    /// <summary>
    /// The schema refuses a total that is too large in a single write. It cannot know who decides the number of web
    /// dynos, so an autoscaler's number and a quantity changed later in Git may add up to more.
    /// </summary>
    private static Problem? TooManyDynos(App app)
    {
        var formation = Formation.FromSpec(app);
        var total = formation.Sum(process => process.Quantity);
        var set = WebScale.FromApp(app).SetBy;
        if (total > SpaceDefaults.MaxDynosPerApp)
        {
            return new(
                Reasons.TooManyDynos,
                $"spec.replicas {app.Spec.Replicas}{set} and the quantities of the other process types make {total} "
                + $"dynos, and an app runs at most {SpaceDefaults.MaxDynosPerApp}: lower one of them. "
                + "Running dynos are not affected.");
        }

        return formation.FirstOrDefault(process => process.Type == ProcessTypes.Web
            && process.Quantity > DynoSizes.MaxLarge
            && DynoSizes.IsLarge(process.Size)) is { } web
            ? new(
                Reasons.TooManyDynos,
                $"spec.replicas {web.Quantity}{set} is more than the {DynoSizes.MaxLarge} dynos of size {web.Size} "
                + "that a process type runs at most: lower it, or choose a smaller size. Running dynos are not "
                    + "affected.")
            : null;
    }

    private static Problem? MissingSecret(ObservedApp observed)
    {
        var missing = SecretsOf(observed.App).Except(observed.Secrets.Select(secret => secret.Name)).ToList();
        return missing.Count == 0
            ? null
            : new(
                Reasons.SecretNotFound,
                $"spec.configFrom names {string.Join(", ", missing)}, but namespace "
                + $"{observed.App.Metadata.NamespaceProperty} has no such Secret: "
                + "create it, or remove the reference. Running dynos are not affected.");
    }

    private static Problem? TokenSecret(ObservedApp observed)
    {
        var tokens =
            SecretsOf(observed.App).Intersect(
                observed.Secrets.Where(secret => secret.IsToken).Select(secret => secret.Name)).ToList();
        return tokens.Count == 0
            ? null
            : new(
                Reasons.SecretRefused,
                $"spec.configFrom names {string.Join(", ", tokens)}, which holds the token of a service account: dynos "
                + "have no rights in the cluster, so remove the reference. Running dynos are not affected.");
    }

    private static IEnumerable<string> SecretsOf(App app) =>
        (app.Spec.ConfigFrom ?? []).Select(source => source.SecretRef.Name).Distinct();

    private static IEnumerable<Problem> Unsupported(App app, SpaceFacts space) =>
        app.Spec.InternalRouting && space.Runtime == SpaceRuntime.Common
            ? [new(
                Reasons.InternalRoutingUnsupported,
                $"spec.internalRouting needs a Private or Shield space, and {space.Name} is Common: create the App "
                + "there. Its web dynos run and receive nothing.")]
            : [];
}
