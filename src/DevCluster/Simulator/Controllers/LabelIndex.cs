using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// Objects of one resource by each label they carry, so that a selector looks at those with its rarest label rather
/// than at the whole namespace.
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

    /// <summary>Few enough to look through: every object that matches the selector is among them.</summary>
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
