using Dynospace.Api;

namespace Dynospace.Planning;

/// <summary>How loud a reason is.</summary>
internal static class ReasonKinds
{
    /// <summary>True, and still somebody should look.</summary>
    private static readonly HashSet<string> Warning =
    [
        Reasons.RangeConflict, Reasons.SelectorMatchesNothing, Reasons.ForeignPolicies, Reasons.DataServiceRefused, Reasons.RegionNotFound,
    ];

    /// <summary>Not as it should be, and still as it goes.</summary>
    private static readonly HashSet<string> Passing =
    [
        Reasons.Progressing, Reasons.Deleting, Reasons.Starting, Reasons.SpaceNotReady, Reasons.NotVerified, Reasons.Simulated, Reasons.RollingOut,
        Reasons.ReleasePhaseRunning, Reasons.AddressPending, Reasons.Completed, Reasons.NoWebProcess, Reasons.Replacing, Reasons.CertificatePending, Reasons.InMaintenance, Reasons.NamespaceTerminating,
    ];

    /// <summary>What every object goes through on its way up; news only when it comes after better times.</summary>
    private static readonly HashSet<string> Early =
    [
        Reasons.Progressing, Reasons.Starting, Reasons.SpaceNotReady, Reasons.NotVerified, Reasons.Simulated, Reasons.DynosNotUp, Reasons.NoWebDynos,
        Reasons.NoWebProcess, Reasons.Deleting, Reasons.AddressPending, Reasons.RouterNotAvailable, Reasons.CertificatePending,
    ];

    public static bool IsWarning(string status, string reason) =>
        status == ConditionStatus.True ? Warning.Contains(reason) : !Passing.Contains(reason);

    public static bool IsPassing(string reason) => Passing.Contains(reason);

    public static bool IsEarly(string reason) => Early.Contains(reason);
}
