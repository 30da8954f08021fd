using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Components;

/// <summary>Names of system components that other objects have.</summary>
public static class ComponentNames
{
    /// <summary>
    /// A Service or policy of another owner that has a component's name. Other kinds are cached only if ours.
    /// </summary>
    /// <param name="isOurs">Whether labels are those of the component.</param>
    /// <param name="component">The component, for the message.</param>
    public static Problem? ObstacleOf(
        ClusterCaches caches, ObjectKey key, Func<IReadOnlyDictionary<string, string>, bool> isOurs, string component)
    {
        LiveObject?[] namesakes = [caches.Find(Kinds.Service, key), caches.Find(Kinds.NetworkPolicy, key)];
        return namesakes.FirstOrDefault(found => found is not null && !isOurs(found.Labels)) is { } taken
            ? new Problem(
                Reasons.NameTaken,
                $"{taken.Reference} exists and was not made for {component}: rename or delete it.")
            : null;
    }
}
