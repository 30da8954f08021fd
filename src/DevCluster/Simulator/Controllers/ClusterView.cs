using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// The cluster as of the last change read, with the indexes that controllers need. An owner that is missing here is
/// permanently gone, because the server assigns uids and changes arrive in order.
/// </summary>
internal sealed class ClusterView
{
    private static readonly IReadOnlyCollection<StoredObject> Nothing = [];

    private readonly Dictionary<ResourceId, Dictionary<string, SortedDictionary<string, StoredObject>>> _objects = [];
    private readonly Dictionary<string, StoredObject> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, StoredObject>> _dependents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, StoredObject>> _podsByNode = new(StringComparer.Ordinal);

    private readonly LabelIndex _podLabels = new();

    /// <summary>Every resource of which an object has been seen.</summary>
    public IReadOnlyCollection<ResourceId> Resources => _objects.Keys;

    public void Apply(ObjectChange change)
    {
        if (change.Previous is { } previous)
        {
            Forget(previous);
        }

        if (change.Type == ChangeType.Deleted)
        {
            Forget(change.Object);
            Homes(change.Object).Remove(change.Object.Name);
            _byUid.Remove(change.Object.Uid);
            return;
        }

        Remember(change.Object);
    }

    public StoredObject? Get(ResourceId resource, ObjectKey key) =>
        _objects.TryGetValue(resource, out var homes) && homes.TryGetValue(key.Namespace, out var home)
            ? home.GetValueOrDefault(key.Name)
            : null;

    public IEnumerable<StoredObject> List(ResourceId resource) =>
        _objects.TryGetValue(resource, out var homes) ? homes.Values.SelectMany(home => home.Values) : [];

    public IReadOnlyCollection<StoredObject> List(ResourceId resource, string ns) =>
        _objects.TryGetValue(resource, out var homes) && homes.TryGetValue(ns, out var home) ? home.Values : Nothing;

    public StoredObject? ByUid(string uid) => _byUid.GetValueOrDefault(uid);

    /// <summary>All objects that name the uid as an owner, in any namespace.</summary>
    public IReadOnlyCollection<StoredObject> Dependents(string uid) =>
        _dependents.TryGetValue(uid, out var found) ? found.Values : Nothing;

    public IReadOnlyCollection<StoredObject> PodsOn(string node) =>
        _podsByNode.TryGetValue(node, out var found) ? found.Values : Nothing;

    /// <summary>
    /// The pods of a namespace that match a selector, in no particular order; none for an empty selector.
    /// </summary>
    public IEnumerable<StoredObject> PodsWith(string ns, JsonObject? selector) => selector is not { Count: > 0 }
        ? []
        : _podLabels.Candidates(ns, selector)
            .Where(pod => LabelSelector.MapSelects(selector, pod.Content.Map("metadata", "labels")));

    public IEnumerable<string> NodesWithPods => _podsByNode.Keys;

    private SortedDictionary<string, StoredObject> Homes(StoredObject found)
    {
        if (!_objects.TryGetValue(found.Resource, out var homes))
        {
            _objects[found.Resource] = homes = new(StringComparer.Ordinal);
        }

        if (!homes.TryGetValue(found.Namespace ?? "", out var home))
        {
            homes[found.Namespace ?? ""] = home = new(StringComparer.Ordinal);
        }

        return home;
    }

    private void Remember(StoredObject found)
    {
        Homes(found)[found.Name] = found;
        _byUid[found.Uid] = found;
        foreach (var owner in OwnerUids(found))
        {
            Index(_dependents, owner)[found.Uid] = found;
        }

        if (found.Resource != KnownResources.Pods)
        {
            return;
        }

        _podLabels.Add(found);
        if (found.Content.Text("spec", "nodeName") is { Length: > 0 } node)
        {
            Index(_podsByNode, node)[found.Uid] = found;
        }
    }

    private void Forget(StoredObject found)
    {
        foreach (var owner in OwnerUids(found))
        {
            Unindex(_dependents, owner, found.Uid);
        }

        if (found.Resource != KnownResources.Pods)
        {
            return;
        }

        _podLabels.Remove(found);
        if (found.Content.Text("spec", "nodeName") is { Length: > 0 } node)
        {
            Unindex(_podsByNode, node, found.Uid);
        }
    }

    private static IEnumerable<string> OwnerUids(StoredObject found) =>
        found.Content.Map("metadata").Items("ownerReferences").Select(owner => owner.Text("uid")).OfType<string>();

    private static Dictionary<string, StoredObject> Index(
        Dictionary<string, Dictionary<string, StoredObject>> index, string key)
    {
        if (!index.TryGetValue(key, out var entries))
        {
            index[key] = entries = new(StringComparer.Ordinal);
        }

        return entries;
    }

    private static void Unindex(Dictionary<string, Dictionary<string, StoredObject>> index, string key, string uid)
    {
        if (index.TryGetValue(key, out var entries) && entries.Remove(uid) && entries.Count == 0)
        {
            index.Remove(key);
        }
    }
}

/// <summary>Identifies an object of one resource; the namespace is empty for cluster-scoped objects.</summary>
internal readonly record struct ObjectKey(string Namespace, string Name)
{
    public static ObjectKey FromObject(StoredObject found) => new(found.Namespace ?? "", found.Name);

    /// <summary>The namespace in the form that the registry expects: null for cluster-scoped objects.</summary>
    public string? Scope => Namespace.Length == 0 ? null : Namespace;
}
