using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>
/// Plays operator and kubelet for one App: plans, assumes that the plan is applied and that pods work, and plans again
/// until nothing changes.
/// </summary>
internal sealed class AppRenderer(
    App app,
    SpaceFacts? space,
    IReadOnlyList<SecretDigest> secrets,
    RouteFacts routes,
    IReadOnlyList<V1Service> foreignServices,
    IReadOnlyList<Dyno> oneOffs,
    PlatformOptions options)
{
    /// <summary>A release phase takes three rounds; a plan that needs more than this does not settle.</summary>
    private const int MostRounds = 20;

    private readonly List<V1ControllerRevision> _releases = [];
    private readonly List<RenderProblem> _problems = [];
    private readonly Dictionary<string, Dyno> _dynos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, V1Pod> _pods = new(StringComparer.Ordinal);
    private IReadOnlyList<V1Service> _services = [];

    private IReadOnlyList<ReleaseRecord> Releases =>
        [.. _releases.Select(ReleaseRecord.FromRevision).OfType<ReleaseRecord>()];

    public RenderedPlatform Render()
    {
        SyntheticUid.Give(app);
        app.Status = new AppStatus();
        for (var round = 0; round < MostRounds; round++)
        {
            var plan = AppPlanner.Plan(Observe(), options);
            if (!Apply(plan))
            {
                AddProblems(plan);
                AddOneOffs();
                return new RenderedPlatform(
                    [
                        .. _releases,
                        .. _services,
                        .. plan.Children.All<V1PodDisruptionBudget>(),
                        .. plan.Routing.Fences,
                        .. plan.Routing.Routes,
                        .. plan.Routing.Certificates,
                        .. DynosAndPods(),
                    ],
                    _problems);
            }
        }

        throw new InvalidOperationException(
            $"App {app.Metadata.NamespaceProperty}/{app.Metadata.Name} does not settle in {MostRounds} rounds.");
    }

    private ObservedApp Observe() => new()
    {
        App = app,
        Space = space,
        Secrets = secrets,
        Routes = routes,
        Releases = Releases,
        Dynos = [.. _dynos.Values, .. oneOffs],
        Services = [.. foreignServices.Concat(_services).Select(ServiceFacts.FromService)],
    };

    /// <returns>Whether the plan changed anything.</returns>
    private bool Apply(AppPlan plan)
    {
        var isChange = plan.Release is not null || plan.Dynos.Count > 0 || app.Status!.Release != plan.CurrentRelease;
        if (plan.Release is { } release)
        {
            SyntheticUid.Give(release);
            _releases.Add(release);
        }

        _services = plan.Services;
        app.Status!.Release = plan.CurrentRelease;
        foreach (var dyno in plan.Dynos)
        {
            SyntheticUid.Give(dyno);
            dyno.Status = Run(dyno);
            _dynos[dyno.Metadata.Name] = dyno;
        }

        return isChange;
    }

    /// <summary>A release phase has succeeded and any other dyno is up, provided that it may have a pod.</summary>
    private DynoStatus Run(Dyno dyno)
    {
        var plan = DynoPlanner.Plan(new() { Dyno = dyno, App = app, Space = space, Releases = Releases }, options);
        if (plan.Pod is not { } pod)
        {
            _problems.AddRange(plan.Problem is { } problem ? [RenderProblem.FromProblem(dyno, problem)] : []);
            return new DynoStatus { State = DynoState.Pending };
        }

        _pods[dyno.Metadata.Name] = pod;
        return new DynoStatus
        {
            State = dyno.Spec.ProcessType == ProcessTypes.Release ? DynoState.Complete : DynoState.Up,
            Release = plan.Release,
            ObservedGeneration = dyno.Metadata.Generation,
        };
    }

    private void AddProblems(AppPlan plan)
    {
        IEnumerable<Problem> found = plan.Problem is { } refusal
            ?
            [
                refusal.Reason == Reasons.SecretNotFound
                    ? refusal with { Message = refusal.Message + " Or give --assume-secrets." }
                    : refusal,
            ]
            : plan.ReleaseProblem is { } release ? [.. plan.Warnings, release] : plan.Warnings;
        found = plan.RouteProblem is { } route ? found.Append(route) : found;
        _problems.AddRange(found.Select(problem => RenderProblem.FromProblem(app, problem)));
    }

    private void AddOneOffs()
    {
        foreach (var dyno in oneOffs)
        {
            SyntheticUid.Give(dyno);
            Run(dyno);
        }
    }

    private IEnumerable<IKubernetesObject<V1ObjectMeta>> DynosAndPods()
    {
        foreach (var dyno in _dynos.Values.Concat(oneOffs)
            .OrderBy(dyno => dyno.Spec.ProcessType, StringComparer.Ordinal)
            .ThenBy(dyno => dyno.Spec.Index))
        {
            if (_dynos.ContainsKey(dyno.Metadata.Name))
            {
                yield return dyno;
            }

            if (_pods.TryGetValue(dyno.Metadata.Name, out var pod))
            {
                yield return pod;
            }
        }
    }
}
