using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Cli.Platform;

/// <summary>Pure: the row of an object.</summary>
internal static class RowBuilder
{
    public static Row FromSpace(Space space)
    {
        var summary = Summary.FromConditions(space.Metadata, space.Status?.Conditions, ConditionTypes.Ready);
        return new Row(
            RowKind.Space,
            ObjectKey.ClusterScoped(space.Metadata.Name),
            space.Metadata.Name,
            summary.Health,
            summary.Why)
        {
            What = $"{space.Spec.Runtime} {space.Spec.Region}",
            Up = space.Status?.Dynos ?? "",
            Address = string.Join(", ", space.Status?.OutboundIPs ?? []),
            Conditions = Marks(space.Status?.Conditions),
        };
    }

    public static Row FromApp(App app, string? webAddress)
    {
        var summary = Summary.FromConditions(app.Metadata, app.Status?.Conditions, ConditionTypes.Ready);
        var hasWeb = app.Spec.Processes?.Any(process => process.Type == ProcessTypes.Web) == true;
        return new Row(RowKind.App, Key(app.Metadata), app.Metadata.Name, summary.Health, summary.Why)
        {
            What = !hasWeb ? "background" : app.Spec.InternalRouting ? "internal" : "public",
            Up = app.Status?.Dynos ?? "",
            Address = webAddress ?? "",
            Release = Release(app.Status?.Release),
            Conditions = Marks(app.Status?.Conditions),
        };
    }

    public static Row FromDyno(Dyno dyno)
    {
        var summary = Summary.FromConditions(dyno.Metadata, dyno.Status?.Conditions, ConditionTypes.Up);
        var state = dyno.Status?.State;
        var health = state switch
        {
            _ when dyno.Metadata.DeletionTimestamp is not null => Health.Working,
            DynoState.Complete => Health.Good,
            DynoState.Crashed or DynoState.Failed => Health.Bad,
            _ => summary.Health,
        };
        var prefix = dyno.Spec.App + ".";
        return new Row(
            RowKind.Dyno,
            Key(dyno.Metadata),
            dyno.Metadata.Name.StartsWith(prefix, StringComparison.Ordinal)
                ? dyno.Metadata.Name[prefix.Length..]
                : dyno.Metadata.Name,
            health,
            summary.Why)
        {
            What = state?.ToString() ?? nameof(DynoState.Pending),
            Address = dyno.Status?.PodIP ?? "",
            Release = Release(dyno.Status?.Release),
            Node = dyno.Status?.Node ?? "",
            Conditions = Marks(dyno.Status?.Conditions),
        };
    }

    private static ObjectKey Key(V1ObjectMeta metadata) => new(metadata.NamespaceProperty, metadata.Name);

    private static string Release(long? number) => number is { } release ? $"v{release}" : "";

    /// <summary>Without Ready, which sums up the others, and those of kstatus, which are absent while false.</summary>
    private static List<ConditionMark> Marks(IEnumerable<V1Condition>? conditions) =>
    [
        .. (conditions ?? [])
            .Where(
                condition =>
                    condition.Type is not (ConditionTypes.Ready or ConditionTypes.Reconciling
                        or ConditionTypes.Stalled))
            .Select(condition => new ConditionMark(condition.Type, condition.Status == "True")),
    ];
}

/// <summary>One space, app or dyno as text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">Which one.</param>
/// <param name="Name">Its name below its parent: <c>web.1</c> for the dyno <c>shop.web.1</c>.</param>
/// <param name="Health">Its health.</param>
/// <param name="Why">Reason and message if it is not healthy, else the reason.</param>
public sealed record Row(RowKind Kind, ObjectKey Key, string Name, Health Health, string Why)
{
    /// <summary>Runtime and region, kind of routing, or what a dyno does.</summary>
    public string What { get; init; } = "";

    /// <summary>Dynos up and desired.</summary>
    public string Up { get; init; } = "";

    /// <summary>Where it is reached, or for a space where its traffic comes from.</summary>
    public string Address { get; init; } = "";

    /// <summary>The release, <c>v7</c>.</summary>
    public string Release { get; init; } = "";

    /// <summary>The node.</summary>
    public string Node { get; init; } = "";

    /// <summary>The conditions that readiness is made of.</summary>
    public IReadOnlyList<ConditionMark> Conditions { get; init; } = [];

    public override string ToString() => $"{Kind} {Key}";
}

/// <summary>What a row shows.</summary>
public enum RowKind
{
    Space,
    App,
    Dyno,
}

/// <summary>The health of an object.</summary>
public enum Health
{
    /// <summary>As desired.</summary>
    Good,

    /// <summary>In progress, or not observed yet.</summary>
    Working,

    /// <summary>Waits for a user to change something.</summary>
    Bad,
}

/// <summary>A condition and whether it is true.</summary>
public sealed record ConditionMark(string Type, bool IsTrue);
