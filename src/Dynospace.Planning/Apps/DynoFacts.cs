using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>How an app sees its dynos.</summary>
internal static class DynoFacts
{
    /// <summary>
    /// Whether a dyno is up as it is now wished. A status that speaks of an older spec or of another release says nothing about it:
    /// a dyno that was just moved still reports its old pod.
    /// </summary>
    public static bool IsUp(Dyno dyno) =>
        dyno.Status is { State: DynoState.Up } status
        && dyno.Metadata.DeletionTimestamp is null
        && (dyno.Metadata.Generation is not { } generation || status.ObservedGeneration >= generation)
        && (dyno.Spec.Release is not { } release || status.Release == release);

    public static bool HasEnded(Dyno dyno) => dyno.Status?.State is DynoState.Complete or DynoState.Failed;
}
