using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>Brings the dynos of an app to the wished formation and the release that is out.</summary>
internal sealed class FormationPlanner(App app, IReadOnlyList<Dyno> dynos, IReadOnlyList<WishedProcess> formation)
{
    private readonly FormationSlots _slots = new(formation, dynos);

    /// <param name="current">The release that is out; null before the first.</param>
    /// <param name="wanted">The release that the spec asks for.</param>
    public FormationPlan Plan(ReleaseRecord? current, ReleaseRecord wanted)
    {
        var plan = new FormationPlan();
        foreach (var process in formation)
        {
            if (current is not null)
            {
                PlanProcess(plan, process, current, wanted);
            }
        }

        plan.ToDelete.AddRange(Surplus());
        return plan;
    }

    private void PlanProcess(FormationPlan plan, WishedProcess process, ReleaseRecord current, ReleaseRecord wanted)
    {
        var slots = _slots.Of(process);
        var existing = new List<Dyno>(slots.Count);
        for (var i = 0; i < slots.Count; i++)
        {
            if (slots[i] is not { } dyno)
            {
                if (CanStart(process, current, wanted))
                {
                    plan.ToApply.Add(DynoBuilder.Build(app, process.Type, i + 1, process.Size, current.Number));
                }
            }
            else if (!Owners.IsControlledBy(dyno, app))
            {
                plan.Problems.Add(new(Reasons.NameTaken, $"Dyno {dyno.Metadata.Name} exists and was not made by this App: delete it."));
            }
            else if (dyno.Metadata.DeletionTimestamp is null)
            {
                existing.Add(dyno);
            }
        }

        foreach (var dyno in RollingUpdate.Next(existing, process.Quantity, dyno => IsOutdated(dyno, process, current)))
        {
            plan.ToApply.Add(DynoBuilder.Build(app, process.Type, dyno.Spec.Index, process.Size, current.Number));
        }
    }

    private static bool IsOutdated(Dyno dyno, WishedProcess process, ReleaseRecord current) =>
        dyno.Spec.Release != current.Number || dyno.Spec.Size != process.Size;

    /// <summary>A process type whose command comes with a release that is not out yet would start the image's own command instead.</summary>
    private static bool CanStart(WishedProcess process, ReleaseRecord current, ReleaseRecord wanted) =>
        current.Number == wanted.Number || !process.HasCommand || current.Commands.ContainsKey(process.Type);

    /// <summary>The highest number goes first.</summary>
    private IEnumerable<ChildReference> Surplus() =>
        _slots.Surplus
            .Where(dyno => dyno.Metadata.DeletionTimestamp is null && Owners.IsControlledBy(dyno, app))
            .OrderBy(dyno => dyno.Spec.ProcessType, StringComparer.Ordinal)
            .ThenByDescending(dyno => dyno.Spec.Index)
            .Select(dyno => new ChildReference(dyno.Metadata.Name, dyno.Metadata.Uid));
}
