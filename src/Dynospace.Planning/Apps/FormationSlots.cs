using Dynospace.Api;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>The dynos that there are, each in the place of the wished formation that its number gives it, and those that have none.</summary>
internal sealed class FormationSlots
{
    private readonly Dictionary<string, Dyno?[]> _byType;
    private readonly List<Dyno> _surplus = [];

    public FormationSlots(IReadOnlyList<WishedProcess> formation, IReadOnlyList<Dyno> dynos)
    {
        _byType = formation.ToDictionary(process => process.Type, process => new Dyno?[process.Quantity]);
        foreach (var dyno in dynos)
        {
            Place(dyno);
        }
    }

    /// <summary>Dynos beyond the wished formation. What people started themselves and release phases are not the formation's.</summary>
    public IReadOnlyList<Dyno> Surplus => _surplus;

    /// <summary>The dynos of a type by number, the first at index 0; null where one is missing.</summary>
    public IReadOnlyList<Dyno?> Of(WishedProcess process) => _byType[process.Type];

    private void Place(Dyno dyno)
    {
        if (_byType.TryGetValue(dyno.Spec.ProcessType, out var places) && dyno.Spec.Index > 0 && dyno.Spec.Index <= places.Length)
        {
            places[dyno.Spec.Index - 1] = dyno;
        }
        else if (dyno.Spec.ProcessType is not (ProcessTypes.Run or ProcessTypes.Release))
        {
            _surplus.Add(dyno);
        }
    }
}
