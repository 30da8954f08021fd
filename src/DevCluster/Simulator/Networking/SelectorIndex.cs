using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Selectors;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Networking;

/// <summary>
/// Indexes Services by the least shared label of their selector, so that a pod is matched only against Services that
/// may select it.
/// </summary>
internal sealed class SelectorIndex
{
    private readonly Dictionary<(string Namespace, string Key, string Value), Dictionary<ObjectKey, JsonObject>>
        _entries = [];
    private readonly Dictionary<ObjectKey, (string Namespace, string Key, string Value)> _places = [];

    public void Put(StoredObject service)
    {
        var key = ObjectKey.FromObject(service);
        Remove(key);
        if (service.Content.Map("spec", "selector") is not { Count: > 0 } selector)
        {
            return;
        }

        var place = selector
            .Select(label => (key.Namespace, label.Key, Value: label.Value.Text() ?? ""))
            .MinBy(place => _entries.TryGetValue(place, out var sharing) ? sharing.Count : 0);
        if (!_entries.TryGetValue(place, out var services))
        {
            _entries[place] = services = [];
        }

        services[key] = selector;
        _places[key] = place;
    }

    public void Remove(ObjectKey key)
    {
        if (_places.Remove(key, out var place) && _entries[place].Remove(key) && _entries[place].Count == 0)
        {
            _entries.Remove(place);
        }
    }

    /// <summary>The Services of a namespace that select a pod with these labels.</summary>
    public IEnumerable<ObjectKey> Selecting(string ns, JsonObject? labels)
    {
        foreach (var (key, value) in labels ?? [])
        {
            if (_entries.TryGetValue((ns, key, value.Text() ?? ""), out var services))
            {
                foreach (var (service, selector) in services)
                {
                    if (LabelSelector.MapSelects(selector, labels))
                    {
                        yield return service;
                    }
                }
            }
        }
    }
}
