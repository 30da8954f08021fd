using System.Collections.Immutable;
using System.Text;
using Dynospace.Api;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>All watched objects at one moment.</summary>
internal sealed class ClusterState(ImmutableDictionary<(string Kind, ObjectKey Key), SeenObject> objects)
{
    public static ClusterState Empty { get; } = new(ImmutableDictionary<(string, ObjectKey), SeenObject>.Empty);

    public SeenObject? Find(ResourceKind kind, ObjectKey key) => objects.GetValueOrDefault((kind.Kind, key));

    public IEnumerable<SeenObject> Of(ResourceKind kind, string? ns) =>
        objects.Values.Where(seen => seen.Kind == kind && seen.Namespace == ns)
            .OrderBy(seen => seen.Name, StringComparer.Ordinal);

    /// <summary>All objects of a kind, wherever they are.</summary>
    public IReadOnlyList<SeenObject> All(ResourceKind kind) => [.. objects.Values.Where(seen => seen.Kind == kind)];

    /// <summary>Pods of an App's dynos that are not being deleted.</summary>
    public IEnumerable<SeenObject> PodsOf(string space, string app) =>
        Of(Kinds.Pod, space).Where(pod => pod.Label(Labels.App) == app && !pod.IsTerminating);

    /// <summary>All that a space is made of: the Space, its namespace and whatever is in it.</summary>
    public IEnumerable<SeenObject> Belonging(string space) => objects.Values
        .Where(seen => seen.Namespace == space || (seen.Namespace is null && seen.Name == space))
        .OrderBy(seen => seen.ToString(), StringComparer.Ordinal);

    public ClusterState With(SeenChange change) => new(change.Type == ChangeType.Deleted
        ? objects.Remove((change.Object.Kind.Kind, change.Object.Key))
        : objects.SetItem((change.Object.Kind.Kind, change.Object.Key), change.Object));

    /// <summary>For people who look at a failed test.</summary>
    public string Describe(string space)
    {
        var text = new StringBuilder();
        foreach (var seen in Belonging(space).Where(seen => seen.Kind != Kinds.Event))
        {
            var conditions =
                new[] { "Ready", "Up", "Accepted", "NamespaceReady", "ContainersReady", "PodScheduled" }.Select(
                    seen.Condition).OfType<SeenCondition>();
            text.AppendLine(
                $"{seen}{(seen.IsTerminating ? " terminating" : "")} {string.Join(" ", conditions)} "
                + $"{(string?)seen.Content["status"]?["phase"]}");
        }

        return text.ToString();
    }
}
