using Dynospace.Planning.Children;
using Dynospace.Planning.Components;

namespace Dynospace.Planning.Routers;

/// <summary>The plan for routers. Other system components of their owner are deleted.</summary>
public sealed record RouterPlan
{
    /// <summary>No router at all.</summary>
    public static RouterPlan None { get; } = new();

    /// <summary>The routers that must exist.</summary>
    public IReadOnlyList<RouterIdentity> Routers { get; init; } = [];

    /// <summary>Their parts.</summary>
    public ChildPlan Children { get; init; } = ChildPlan.Empty;

    /// <summary>The plan for routers that consist of these components.</summary>
    internal static RouterPlan FromComponents(
        IReadOnlyList<RouterIdentity> routers, IReadOnlyCollection<SystemComponent> components) =>
        new() { Routers = routers, Children = new() { Objects = SystemComponent.ObjectsOf(components) } };

    /// <summary>
    /// The same plan, with the deletion of every observed part that neither it nor another component of the owner
    /// contains.
    /// </summary>
    public RouterPlan Pruning(
        IEnumerable<ObservedChild> observed, string ownerUid, params IEnumerable<PlannedObject> others) =>
        this with
        {
            Children = Children with
            {
                Deletions = SystemComponent.Prune(observed, [.. Children.Objects, .. others], ownerUid),
            },
        };
}
