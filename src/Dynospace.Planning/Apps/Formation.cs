using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>One process type of the desired formation.</summary>
public sealed record DesiredProcess(string Type, int Quantity, string Size, bool HasCommand);

/// <summary>The process types of an app with their quantities.</summary>
public static class Formation
{
    /// <summary>In the order of the spec; <see cref="WebScale"/> decides about web.</summary>
    public static IReadOnlyList<DesiredProcess> FromSpec(App app)
    {
        var scale = WebScale.FromApp(app);
        return
        [
            .. (app.Spec.Processes ?? []).Select(process => new DesiredProcess(
                process.Type,
                scale.QuantityOf(process),
                process.Size,
                process.Command is { Count: > 0 })),
        ];
    }

    /// <summary>The formation as text: <c>web=2 worker=1</c>.</summary>
    public static string Format(IEnumerable<DesiredProcess> formation) =>
        string.Join(
            ' ',
            formation.Select(
                process => string.Create(CultureInfo.InvariantCulture, $"{process.Type}={process.Quantity}")));

    /// <summary>Whether the formation serves web requests, even with no dyno at present.</summary>
    public static bool HasWeb(IEnumerable<DesiredProcess> formation) =>
        formation.Any(process => process.Type == ProcessTypes.Web);
}

/// <summary>
/// The existing dynos, each in the place of the desired formation that its number gives it, and those that have no
/// place.
/// </summary>
internal sealed class FormationSlots
{
    private readonly Dictionary<string, Dyno?[]> _byType;
    private readonly List<Dyno> _surplus = [];

    public FormationSlots(IReadOnlyList<DesiredProcess> formation, IReadOnlyList<Dyno> dynos)
    {
        _byType = formation.ToDictionary(process => process.Type, process => new Dyno?[process.Quantity]);
        foreach (var dyno in dynos)
        {
            Place(dyno);
        }
    }

    /// <summary>Dynos of formations beyond the desired one.</summary>
    public IReadOnlyList<Dyno> Surplus => _surplus;

    /// <summary>The dynos of a type by number, the first at index 0; null for a missing one.</summary>
    public IReadOnlyList<Dyno?> For(DesiredProcess process) => _byType[process.Type];

    private void Place(Dyno dyno)
    {
        if (_byType.TryGetValue(dyno.Spec.ProcessType, out var places)
            && dyno.Spec.Index > 0
            && dyno.Spec.Index <= places.Length)
        {
            places[dyno.Spec.Index - 1] = dyno;
        }
        else if (AppDynos.IsOfFormation(dyno))
        {
            _surplus.Add(dyno);
        }
    }
}
