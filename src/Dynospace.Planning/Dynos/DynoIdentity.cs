using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Dynos;

/// <summary>Tells the dynos of an app from those that people made.</summary>
internal static class DynoIdentity
{
    public static DynoKind KindOf(Dyno dyno) =>
        dyno.Spec.ProcessType is ProcessTypes.Run or ProcessTypes.Release ? DynoKind.OneOff : DynoKind.Formation;

    /// <summary>Whether people may make such a dyno: all but one-off runs are the App's to make.</summary>
    public static bool IsAllowed(Dyno dyno, App app) => dyno.Spec.ProcessType == ProcessTypes.Run || Owners.IsControlledBy(dyno, app);
}
