using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s;

namespace Dynospace.Planning.Tests.Apps;

/// <summary>
/// An app under its planner, without a cluster: plans are applied to a store, and the planner sees the store as it was
/// some changes ago, as an informer's cache does. A dyno comes up or crashes when the test says so.
/// </summary>
internal sealed class SimulatedApp(App app)
{
    private readonly List<IReadOnlyDictionary<string, Dyno>> _history = [new Dictionary<string, Dyno>()];
    private readonly List<ReleaseRecord> _releases = [];
    private readonly HashSet<string> _downByUs = [];
    private int _seen;

    public App App { get; } = app;

    public IReadOnlyDictionary<string, Dyno> Dynos => _history[^1];

    /// <summary>
    /// The dynos of a type that were up, as the planner could see, until it moved them, and are not up again. One whose
    /// recovery it could not see yet is nobody's fault.
    /// </summary>
    public int DownByUs(string type) => _downByUs.Count(name => name.Contains($".{type}.", StringComparison.Ordinal));

    /// <summary>
    /// Plans on a view that lags behind by so many changes, but never behind an earlier view; applies; returns the
    /// plan.
    /// </summary>
    public AppPlan Reconcile(int lag = 0)
    {
        _seen = Math.Max(_seen, _history.Count - 1 - lag);
        var view = _history[_seen];
        var observed = Observe(view.Values);
        var plan = AppPlanner.Plan(observed, Sample.Options);
        if (plan.Release is { } revision && _releases.All(release => release.Number != revision.Revision))
        {
            _releases.Add(ReleaseRecord.FromRevision(revision)!);
        }

        foreach (var dyno in plan.Dynos)
        {
            Apply(dyno, isKnownUp: view.TryGetValue(dyno.Metadata.Name, out var seen) && AppDynos.IsUp(seen));
        }

        foreach (var child in plan.Children.Deleted<Dyno>())
        {
            _downByUs.Remove(child.Name);
            Change(dynos => dynos.Remove(child.Name));
        }

        App.Status = AppStatusBuilder.Build(observed, plan, ApplyOutcome.Success, Sample.Options, Sample.Now);
        return plan;
    }

    public ObservedApp Observe() => Observe(Dynos.Values);

    /// <summary>The dyno's controller and kubelet did their work, and the pod runs or not.</summary>
    public void Settle(string name, bool isUp)
    {
        if (!Dynos.TryGetValue(name, out var dyno))
        {
            return;
        }

        var next = Copy(dyno);
        next.Status = new()
        {
            State = isUp ? DynoState.Up : DynoState.Crashed,
            Release = next.Spec.Release,
            ObservedGeneration = next.Metadata.Generation,
        };
        if (isUp)
        {
            _downByUs.Remove(name);
        }

        Change(dynos => dynos[name] = next);
    }

    private ObservedApp Observe(IEnumerable<Dyno> dynos) =>
        Sample.Observed(App) with { Dynos = [.. dynos], Releases = [.. _releases] };

    /// <summary>
    /// As server-side apply does: identity and status stay, and the generation counts changes of the spec.
    /// </summary>
    private void Apply(Dyno planned, bool isKnownUp)
    {
        var name = planned.Metadata.Name;
        var next = Copy(planned);
        var before = Dynos.GetValueOrDefault(name);
        var isChanged = before is null
            || before.Spec.Release != planned.Spec.Release
            || before.Spec.Size != planned.Spec.Size
            || before.Spec.Restart != planned.Spec.Restart;
        next.Metadata.Uid = before?.Metadata.Uid ?? $"uid-{_history.Count}";
        next.Metadata.Generation = (before?.Metadata.Generation ?? 0) + (isChanged ? 1 : 0);
        next.Status = before?.Status;
        if (isChanged && isKnownUp && AppDynos.IsUp(before!))
        {
            _downByUs.Add(name);
        }

        Change(dynos => dynos[name] = next);
    }

    private void Change(Action<Dictionary<string, Dyno>> change)
    {
        var next = new Dictionary<string, Dyno>(Dynos);
        change(next);
        _history.Add(next);
    }

    private static Dyno Copy(Dyno dyno) => KubernetesJson.Deserialize<Dyno>(KubernetesJson.Serialize(dyno));
}
