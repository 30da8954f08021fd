using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// Indexes objects of one resource by each label, so that a selector is matched against the objects with its rarest
/// label instead of the whole namespace.
/// </summary>
internal sealed class LabelIndex
{
    private static readonly Dictionary<string, StoredObject> Nothing = [];

    private readonly Dictionary<(string Namespace, string Key, string Value), Dictionary<string, StoredObject>>
        _entries = [];

    public void Add(StoredObject found)
    {
        foreach (var (key, value) in LabelsOf(found))
        {
            var entry = (found.Namespace ?? "", key, value.Text() ?? "");
            if (!_entries.TryGetValue(entry, out var objects))
            {
                _entries[entry] = objects = new(StringComparer.Ordinal);
            }

            objects[found.Uid] = found;
        }
    }

    public void Remove(StoredObject found)
    {
        foreach (var (key, value) in LabelsOf(found))
        {
            var entry = (found.Namespace ?? "", key, value.Text() ?? "");
            if (_entries.TryGetValue(entry, out var objects) && objects.Remove(found.Uid) && objects.Count == 0)
            {
                _entries.Remove(entry);
            }
        }
    }

    /// <summary>A small superset of the objects that match the selector.</summary>
    public IReadOnlyCollection<StoredObject> Candidates(string ns, JsonObject selector)
    {
        Dictionary<string, StoredObject>? fewest = null;
        foreach (var (key, value) in selector)
        {
            var objects = _entries.GetValueOrDefault((ns, key, value.Text() ?? ""), Nothing);
            fewest = fewest is null || objects.Count < fewest.Count ? objects : fewest;
        }

        return (fewest ?? Nothing).Values;
    }

    private static JsonObject LabelsOf(StoredObject found) => found.Content.Map("metadata", "labels") ?? [];
}
