using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>All owners of one object's fields.</summary>
internal sealed class ManagedFields
{
    private const int MaxUpdateManagers = 10;
    private const string AncientChanges = "ancient-changes";

    private readonly List<ManagerEntry> _entries;

    public ManagedFields() => _entries = [];

    private ManagedFields(List<ManagerEntry> entries) => _entries = entries;

    public bool IsEmpty => _entries.Count == 0;

    public IReadOnlyList<ManagerEntry> Entries => _entries;

    /// <summary>False if some entry is not as the API allows.</summary>
    /// <param name="isStored">Whether this is the store's own copy, which nobody has modified.</param>
    public static bool TryRead(
        JsonNode? managedFields, [NotNullWhen(true)] out ManagedFields? result, bool isStored = false)
    {
        var entries = new List<ManagerEntry>();
        foreach (var node in managedFields as JsonArray ?? [])
        {
            if (ManagerEntry.Read(node, isStored) is not { } entry)
            {
                result = null;
                return false;
            }

            entries.RemoveAll(e => e.Identity == entry.Identity);
            entries.Add(entry);
        }

        result = new(entries);
        return true;
    }

    /// <summary>Writes into the object's metadata; nothing at all when nobody owns anything.</summary>
    public void WriteTo(JsonObject obj)
    {
        if (obj["metadata"] is not JsonObject metadata)
        {
            obj["metadata"] = metadata = [];
        }

        if (_entries.Count == 0)
        {
            metadata.Remove("managedFields");
            return;
        }

        _entries.Sort(InOrder);
        metadata["managedFields"] = new JsonArray([.. _entries.Select(e => e.Write())]);
    }

    public ManagerEntry? Find(ManagerEntry like) => _entries.Find(e => e.Identity == like.Identity);

    /// <summary>Puts an entry in the place of the one with the same identity; one without fields is dropped.</summary>
    public void Set(ManagerEntry entry)
    {
        _entries.RemoveAll(e => e.Identity == entry.Identity);
        if (!entry.Fields.IsEmpty)
        {
            _entries.Add(entry);
        }
    }

    /// <summary>Takes fields from everybody except one manager.</summary>
    public void TakeFromOthers(FieldSet fields, ManagerEntry? owner)
    {
        if (fields.IsEmpty)
        {
            return;
        }

        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            var entry = _entries[i];
            if ((owner is not null && entry.Identity == owner.Identity) || !entry.Fields.Overlaps(fields))
            {
                continue;
            }

            var rest = entry.Fields.Except(fields);
            if (rest.IsEmpty)
            {
                _entries.RemoveAt(i);
            }
            else
            {
                _entries[i] = entry with { Fields = rest };
            }
        }
    }

    /// <summary>Keeps the number of updaters in bounds by merging the oldest ones of a version into one.</summary>
    public void CapUpdateManagers()
    {
        var updaters = _entries.Where(e => !e.IsApply).Order(Comparer<ManagerEntry>.Create(InOrder)).ToList();
        var excess = updaters.Count - MaxUpdateManagers;
        var firstOfVersion = new Dictionary<string, ManagerEntry>();
        foreach (var updater in updaters)
        {
            if (excess <= 0)
            {
                return;
            }

            if (firstOfVersion.TryAdd(updater.ApiVersion, updater))
            {
                continue;
            }

            var bucket = updater with { Manager = AncientChanges, Subresource = "" };
            var previous = Find(bucket);
            if (previous is null)
            {
                previous = firstOfVersion[updater.ApiVersion];
                _entries.Remove(previous);
            }

            _entries.Remove(updater);
            Set(bucket with { Fields = updater.Fields.Union(previous.Fields) });
            excess--;
        }
    }

    private static int InOrder(ManagerEntry left, ManagerEntry right)
    {
        // "Apply" sorts before "Update".
        var order = right.IsApply.CompareTo(left.IsApply);
        order = order != 0 ? order : left.Seconds.CompareTo(right.Seconds);
        order = order != 0 ? order : string.CompareOrdinal(left.Manager, right.Manager);
        order = order != 0 ? order : string.CompareOrdinal(left.ApiVersion, right.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(left.Subresource, right.Subresource);
    }
}
