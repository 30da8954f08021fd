using Dynospace.Api.Spaces;

namespace Dynospace.Router.Cluster;

/// <summary>What one router process is there for.</summary>
/// <param name="Listener">Which apps it serves.</param>
/// <param name="Space">The Private or Shield space whose router it is; null for the one that all Common spaces share.</param>
public sealed record RouterScope(ListenerKind Listener, string? Space)
{
    /// <summary>Whether the space is this router's to serve.</summary>
    public bool Covers(Space space) => Space is null
        ? space.Spec.Runtime == SpaceRuntime.Common
        : space.Metadata.Name == Space && space.Spec.Runtime != SpaceRuntime.Common;

    /// <summary>An app is never served by the listener that is not its own.</summary>
    internal bool Covers(AppFacts app) => app.HasInternalRouting == (Listener == ListenerKind.Internal);
}
