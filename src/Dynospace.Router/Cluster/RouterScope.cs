using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Cluster;

/// <summary>What one router process serves.</summary>
/// <param name="Listener">Which apps it serves.</param>
/// <param name="Space">The Private or Shield space whose router it is; null for the one that all Common spaces
/// share.</param>
public sealed record RouterScope(ListenerKind Listener, string? Space)
{
    /// <summary>Whether this router serves the space.</summary>
    public bool Covers(Space space) => Space is null
        ? space.Spec.Runtime == SpaceRuntime.Common
        : space.Metadata.Name == Space && space.Spec.Runtime != SpaceRuntime.Common;

    /// <summary>
    /// Whether this listener serves the app: each app is served by exactly one of a space's listeners.
    /// </summary>
    internal bool Covers(AppFacts app) => app.HasInternalRouting == (Listener == ListenerKind.Internal);
}

/// <summary>Which of a space's listeners a process is.</summary>
public enum ListenerKind
{
    /// <summary>For clients in the trusted ranges; serves apps without internal routing.</summary>
    Public,

    /// <summary>For the space's dynos and peer networks; serves apps with internal routing.</summary>
    Internal,
}

/// <summary>Pure: how a router serves its spaces, according to their specs.</summary>
internal static class SpaceRouting
{
    /// <summary>
    /// The ranges that may send requests. For the internal listener its NetworkPolicy decides, which knows the dynos. A
    /// space that is gone, or whose ranges cannot be parsed, admits nobody.
    /// </summary>
    public static AddressRanges TrustedRangesOf(RouterScope scope, IReadOnlyCollection<Space> spaces)
    {
        if (scope.Space is null)
        {
            return AddressRanges.Everybody;
        }

        var space = spaces.FirstOrDefault(scope.Covers);
        if (space is null)
        {
            return AddressRanges.Nobody;
        }

        try
        {
            return scope.Listener == ListenerKind.Internal
                ? AddressRanges.Everybody
                : AddressRanges.Parse(space.Spec.TrustedIPRanges ?? [.. SpaceDefaults.TrustedIPRanges]);
        }
        catch (FormatException)
        {
            return AddressRanges.Nobody;
        }
    }

    /// <summary>Whether apps may run in the space: only then does the router have the rights to read them.</summary>
    public static bool IsInUse(Space space) =>
        space.Metadata.DeletionTimestamp is null
            && Conditions.IsTrue(space.Status?.Conditions, ConditionTypes.NamespaceReady);

    public static RouterSettings SettingsOf(RouterScope scope, IReadOnlyCollection<Space> spaces)
    {
        var space = scope.Space is null ? null : spaces.FirstOrDefault(scope.Covers);
        var router = space?.Spec.Router ?? new RouterSpec();
        return new RouterSettings
        {
            Runtime = space?.Spec.Runtime ?? SpaceRuntime.Common,
            FirstByteTimeout = TimeSpan.FromSeconds(router.FirstByteTimeoutSeconds),
            IdleTimeout = TimeSpan.FromSeconds(router.IdleTimeoutSeconds),
        };
    }
}
