using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>
/// Counts an app's dynos as they are after its plan is applied: a dyno that the plan creates or moves is not up, and
/// one that could not be applied is unchanged.
/// </summary>
internal sealed class DynoCensus
{
    private readonly App _app;
    private readonly AppPlan _plan;
    private readonly Dictionary<(string Type, int Index), Dyno> _planned;
    private readonly List<string> _notUp = [];

    public DynoCensus(ObservedApp observed, AppPlan plan)
    {
        (_app, _plan) = (observed.App, plan);
        _planned = plan.Dynos.Where(dyno => !plan.Unapplied.Contains(dyno.Metadata.Name))
            .ToDictionary(dyno => (dyno.Spec.ProcessType, dyno.Spec.Index));
        Existing = observed.Dynos.Count(dyno => Owners.IsControlledBy(dyno, _app));
        Formation = Apps.Formation.FromSpec(_app);
        var slots = new FormationSlots(Formation, observed.Dynos);
        foreach (var process in Formation)
        {
            Count(process, slots.For(process));
        }

        Web +=
            slots.Surplus.Count(dyno => dyno.Spec.ProcessType == ProcessTypes.Web && Owners.IsControlledBy(dyno, _app));
    }

    public IReadOnlyList<DesiredProcess> Formation { get; }

    /// <summary>Desired dynos of the formation.</summary>
    public int Desired { get; private set; }

    /// <summary>Those of them that are up.</summary>
    public int Up { get; private set; }

    /// <summary>Desired web dynos.</summary>
    public int WebDesired { get; private set; }

    /// <summary>Those of them that are up.</summary>
    public int WebUp { get; private set; }

    /// <summary>All dynos that the app has made, of any type.</summary>
    public int Existing { get; }

    /// <summary>Existing web dynos, desired or not.</summary>
    public int Web { get; private set; }

    /// <summary>Dynos of the formation that run, or will run, the wanted release.</summary>
    public int Moved { get; private set; }

    /// <summary>Dynos that are not up, in order, with the reason of each that has a problem.</summary>
    public IReadOnlyList<string> NotUp => _notUp;

    /// <summary>Whether one of them has a problem rather than being about to come up.</summary>
    public bool IsTroubled { get; private set; }

    /// <summary>The first existing dyno that is not up; one with a problem comes before one that is starting.</summary>
    public Dyno? Down { get; private set; }

    /// <summary>When a dyno that is up came up last; null while none is.</summary>
    public DateTimeOffset? LastUp { get; private set; }

    private void Count(DesiredProcess process, IReadOnlyList<Dyno?> places)
    {
        var isWeb = process.Type == ProcessTypes.Web;
        Desired += places.Count;
        WebDesired += isWeb ? places.Count : 0;
        for (var i = 0; i < places.Count; i++)
        {
            var isPlanned = _planned.TryGetValue((process.Type, i + 1), out var next)
                && !_plan.Restored.Contains(next.Metadata.Name);
            var dyno = (isPlanned ? next : null)
                ?? (places[i] is { } found && Owners.IsControlledBy(found, _app) ? found : null);
            Moved += dyno is not null && dyno.Spec.Release == _plan.WantedRelease ? 1 : 0;
            Web += dyno is not null && isWeb ? 1 : 0;
            if (dyno is not null && !isPlanned && AppDynos.IsUp(dyno))
            {
                Up++;
                WebUp += isWeb ? 1 : 0;
                LastUp = Later(LastUp, Conditions.Find(dyno.Status?.Conditions, ConditionTypes.Up)?.LastTransitionTime);
            }
            else
            {
                AddNotUp(
                    AppNames.Dyno(_app.Metadata.Name, process.Type, i + 1), dyno, isPlanned ? null : TroubleOf(dyno));
            }
        }
    }

    private void AddNotUp(string name, Dyno? dyno, Reason? trouble)
    {
        Down = trouble is not null && !IsTroubled ? dyno : Down ?? dyno;
        IsTroubled |= trouble is not null;
        _notUp.Add(trouble is null ? name : $"{name} ({trouble})");
    }

    private static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) =>
        left > right || right is null ? left : right;

    /// <summary>The reason of a dyno that is down, unless it was only just made or moved.</summary>
    private static Reason? TroubleOf(Dyno? dyno) =>
        Conditions.Find(
            dyno?.Status?.Conditions, ConditionTypes.Up) is { Status: not ConditionStatus.True, Reason: var reason }
        && Reason.FromName(reason) is { IsPassing: false } trouble
            ? trouble
            : null;
}
