using Dynospace.Api;
using Dynospace.Planning.Children;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Children;

/// <summary>States objects of the caches in a plan's terms.</summary>
public static class ObservedChildren
{
    /// <param name="live">An object of a cache.</param>
    /// <param name="isOrphaned">Whether its owner is gone, and another of the same name takes over.</param>
    public static ObservedChild From(LiveObject live, bool isOrphaned = false) =>
        new(new ChildIdentity(live.Kind.ApiVersion, live.Kind.Kind, live.Key.Namespace, live.Key.Name, live.Uid))
        {
            OwnerUid = live.Labels.GetValueOrDefault(Labels.OwnerUid),
            ControllerUid = live.ControllerUid,
            IsTerminating = live.IsTerminating,
            IsOrphaned = isOrphaned,
        };
}
