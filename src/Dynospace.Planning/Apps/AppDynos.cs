using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Facts;

namespace Dynospace.Planning.Apps;

/// <summary>Builds the dynos of an app and reads their state.</summary>
internal static class AppDynos
{
    /// <param name="before">The dyno that it replaces; null for none.</param>
    /// <param name="fixedIPs">The space's fixed IPs; null if dynos leave by the cluster's own addresses.</param>
    public static Dyno Build(
        App app,
        string processType,
        int index,
        string size,
        long release,
        Dyno? before = null,
        FixedIPs? fixedIPs = null)
    {
        var name = AppNames.Dyno(app.Metadata.Name, processType, index);
        var labels = ChildLabels.OfProcess(app, processType);
        labels[Labels.Dyno] = name;
        labels[Labels.Release] = release.ToString(CultureInfo.InvariantCulture);
        return new()
        {
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = app.Metadata.NamespaceProperty,
                Labels = labels,
                OwnerReferences = [Owners.ReferenceTo(app)],
            },
            Spec = new()
            {
                App = app.Metadata.Name,
                ProcessType = processType,
                Index = index,
                Release = release,
                Size = size,
                Restart = Restart.TokenOf(app, processType, index, before?.Spec.Restart),
                OutboundIPs = OutboundIPs(app, processType, index, before, fixedIPs),
            },
        };
    }

    /// <summary>
    /// Whether a dyno must get other outbound addresses, because its space got fixed IPs, gave them up, or gave up
    /// those of the dyno. If the space has none at present, the dyno stays as it is.
    /// </summary>
    public static bool MustMove(Dyno dyno, FixedIPs? fixedIPs) =>
        fixedIPs is null ? dyno.Spec.OutboundIPs is { Count: > 0 } : !fixedIPs.IsEmpty
            && !(dyno.Spec.OutboundIPs is { Count: > 0 } addresses && fixedIPs.Fits(addresses));

    /// <summary>The outbound addresses of a dyno, which keeps its present ones as long as the space has them.</summary>
    private static IList<string>? OutboundIPs(
        App app, string processType, int index, Dyno? before, FixedIPs? fixedIPs)
    {
        if (before is not null && !MustMove(before, fixedIPs))
        {
            return before.Spec.OutboundIPs;
        }

        return fixedIPs?.For(app.Metadata.Name, processType, index) is { Count: > 0 } chosen ? [.. chosen] : null;
    }

    /// <summary>
    /// Whether a dyno is up with its current spec. A status for an older spec or another release does not count: a dyno
    /// that has just been moved still reports its old pod.
    /// </summary>
    public static bool IsUp(Dyno dyno) =>
        dyno.Status is { State: DynoState.Up } status
        && dyno.Metadata.DeletionTimestamp is null
        && (dyno.Metadata.Generation is not { } generation || status.ObservedGeneration >= generation)
        && (dyno.Spec.Release is not { } release || status.Release == release);

    public static bool HasEnded(Dyno dyno) => dyno.Status?.State is DynoState.Complete or DynoState.Failed;

    /// <summary>Whether a dyno belongs to a formation, as opposed to a release phase or a one-off run.</summary>
    public static bool IsOfFormation(Dyno dyno) =>
        dyno.Spec.ProcessType is not (ProcessTypes.Run or ProcessTypes.Release);
}
