using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Children;
using Dynospace.Planning.Releases;

namespace Dynospace.Planning.Apps;

/// <summary>The changes of the formation.</summary>
internal sealed record FormationPlan
{
    public List<Dyno> ToApply { get; } = [];

    public List<PlannedDeletion> ToDelete { get; } = [];

    public List<Problem> Problems { get; } = [];

    /// <summary>
    /// Names of the Dynos in <see cref="ToApply"/> whose labels another client changed, and nothing else.
    /// </summary>
    public List<string> Restored { get; } = [];
}

/// <summary>Brings the dynos of an app to the desired formation and the current release.</summary>
internal sealed class FormationPlanner(ObservedApp observed, IReadOnlyList<DesiredProcess> formation)
{
    private readonly App _app = observed.App;
    private readonly FormationSlots _slots = new(formation, observed.Dynos);

    /// <param name="current">The current release; null before the first.</param>
    /// <param name="isNewest">Whether that release was made from the current spec.</param>
    public FormationPlan Plan(ReleaseRecord? current, bool isNewest)
    {
        var plan = new FormationPlan();
        foreach (var process in formation)
        {
            if (current is not null)
            {
                PlanProcess(plan, process, current, isNewest);
            }
        }

        plan.ToDelete.AddRange(Surplus());
        return plan;
    }

    private void PlanProcess(FormationPlan plan, DesiredProcess process, ReleaseRecord current, bool isNewest)
    {
        var slots = _slots.For(process);
        var existing = new List<Dyno>(slots.Count);
        for (var i = 0; i < slots.Count; i++)
        {
            if (slots[i] is not { } dyno)
            {
                if (CanStart(process, current, isNewest))
                {
                    plan.ToApply.Add(Build(process, i + 1, current));
                }
            }
            else if (observed.OrphanedDynos.Contains(dyno.Metadata.Uid))
            {
                // It is taken over, and its pod is replaced.
                plan.ToApply.Add(Build(process, i + 1, current));
            }
            else if (!Owners.IsControlledBy(dyno, _app))
            {
                plan.Problems.Add(
                    new(
                        Reasons.NameTaken,
                        $"Dyno {dyno.Metadata.Name} exists and was not made by this App: delete it."));
            }
            else if (dyno.Metadata.DeletionTimestamp is null)
            {
                existing.Add(dyno);
            }
        }

        foreach (var dyno in existing.Where(dyno => !IsOutdated(dyno, process, current)))
        {
            Restore(plan, dyno, process, current);
        }

        foreach (var dyno in RollingUpdate.Next(existing, process.Quantity, dyno => IsOutdated(dyno, process, current)))
        {
            plan.ToApply.Add(Build(process, dyno.Spec.Index, current, dyno));
        }
    }

    /// <summary>
    /// People and the router find a dyno by its labels. Only the labels differ, so no pod is replaced.
    /// </summary>
    private void Restore(FormationPlan plan, Dyno dyno, DesiredProcess process, ReleaseRecord current)
    {
        var desired = Build(process, dyno.Spec.Index, current, dyno);
        var labels = dyno.Metadata.Labels ?? new Dictionary<string, string>();
        if (desired.Metadata.Labels.Any(label => !labels.TryGetValue(label.Key, out var value) || value != label.Value))
        {
            plan.ToApply.Add(desired);
            plan.Restored.Add(dyno.Metadata.Name);
        }
    }

    private bool IsOutdated(Dyno dyno, DesiredProcess process, ReleaseRecord current) =>
        dyno.Spec.Release != current.Number || dyno.Spec.Size != process.Size || Restart.IsDue(_app, dyno)
        || AppDynos.MustMove(dyno, observed.Space?.FixedIPs);

    private Dyno Build(DesiredProcess process, int index, ReleaseRecord current, Dyno? before = null) => AppDynos.Build(
        _app, process.Type, index, process.Size, current.Number, before, observed.Space?.FixedIPs);

    /// <summary>
    /// Whether dynos of the process type may start. Without the type's command in the current release, they would start
    /// the image's own command.
    /// </summary>
    private static bool CanStart(DesiredProcess process, ReleaseRecord current, bool isNewest) =>
        isNewest || !process.HasCommand || current.Commands.ContainsKey(process.Type);

    /// <summary>The highest number is deleted first.</summary>
    private IEnumerable<PlannedDeletion> Surplus() =>
        _slots.Surplus
            .Where(dyno => dyno.Metadata.DeletionTimestamp is null && observed.IsOurs(dyno))
            .OrderBy(dyno => dyno.Spec.ProcessType, StringComparer.Ordinal)
            .ThenByDescending(dyno => dyno.Spec.Index)
            .Select(dyno => AppDeletions.For<Dyno>(_app, dyno.Metadata.Name, dyno.Metadata.Uid));
}

/// <summary>
/// Selects the dynos of one process type that move to a release now. At most a quarter of the type, rounded up, is down
/// because of the rollout. A dyno that is already down moves first at no cost, so that a broken release cannot block
/// its own fix.
/// </summary>
internal static class RollingUpdate
{
    /// <summary>The largest number of dynos of a type that are replaced at once.</summary>
    public static int BatchSize(int quantity) => (quantity + 3) / 4;

    /// <param name="dynos">The existing dynos of the desired formation of one type, in the order of their
    /// numbers.</param>
    /// <param name="quantity">The desired number.</param>
    /// <param name="isOutdated">Whether a dyno has to move.</param>
    public static IReadOnlyList<Dyno> Next(IReadOnlyList<Dyno> dynos, int quantity, Func<Dyno, bool> isOutdated)
    {
        List<Dyno>? next = null;
        List<Dyno>? running = null;
        var movedAndNotUp = 0;
        foreach (var dyno in dynos)
        {
            if (!isOutdated(dyno))
            {
                movedAndNotUp += AppDynos.IsUp(dyno) ? 0 : 1;
            }
            else if (AppDynos.IsUp(dyno))
            {
                (running ??= []).Add(dyno);
            }
            else
            {
                (next ??= []).Add(dyno);
            }
        }

        var free = BatchSize(quantity) - movedAndNotUp - (next?.Count ?? 0);
        if (running is not null && free > 0)
        {
            (next ??= []).AddRange(running.Take(free));
        }

        return next ?? [];
    }
}
