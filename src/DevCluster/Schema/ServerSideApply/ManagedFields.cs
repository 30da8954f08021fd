using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Structural;

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

    /// <summary>Reads the entries; false if one is invalid.</summary>
    /// <param name="isStored">Whether this is the store's own copy, which is never modified.</param>
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

    /// <summary>Writes the entries into the object's metadata, if there are any.</summary>
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

    /// <summary>Replaces the entry with the same identity; an entry without fields is dropped.</summary>
    public void Set(ManagerEntry entry)
    {
        _entries.RemoveAll(e => e.Identity == entry.Identity);
        if (!entry.Fields.IsEmpty)
        {
            _entries.Add(entry);
        }
    }

    /// <summary>Removes fields from all managers except one.</summary>
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

    /// <summary>Limits the number of updaters by merging the oldest ones of a version.</summary>
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

/// <summary>One entry of <c>managedFields</c>: a manager, its kind of write and its fields.</summary>
internal sealed record ManagerEntry(
    string Manager, bool IsApply, string ApiVersion, string Subresource, string? Time, FieldSet Fields)
{
    // The original JSON, which is written back while the fields are unchanged.
    private JsonObject? _read;

    private const string Apply = "Apply";
    private const string Update = "Update";
    private const string FieldsType = "FieldsV1";

    public FieldSet Fields
    {
        get;
        init
        {
            field = value;
            _read = null;
        }
    } = Fields;

    /// <summary>The identity of the manager. An applier keeps it when it switches to another API version.</summary>
    public (string Manager, bool IsApply, string ApiVersion, string Subresource) Identity =>
        (Manager, IsApply, IsApply ? "" : ApiVersion, Subresource);

    public long Seconds =>
        DateTimeOffset.TryParse(Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeSeconds()
            : 0;

    /// <summary>The form in messages: <c>"kubectl-edit" using apps/v1</c>.</summary>
    public string Display
    {
        get
        {
            var text = GoText.JsonString(Manager);
            if (Subresource.Length > 0)
            {
                text += $" with subresource {GoText.JsonString(Subresource)}";
            }

            return IsApply ? text : $"{text} using {ApiVersion}";
        }
    }

    /// <summary>Null for an entry that the API refuses.</summary>
    public static ManagerEntry? Read(JsonNode? node, bool isStored)
    {
        if (node is not JsonObject json
            || (string?)json["operation"] is not (Apply or Update)
            || (string?)json["apiVersion"] is not { Length: > 0 } version
            || (string?)json["fieldsType"] != FieldsType)
        {
            return null;
        }

        var fields = json["fieldsV1"] as JsonObject;
        return new(
            (string?)json["manager"] ?? "",
            (string?)json["operation"] == Apply,
            version,
            (string?)json["subresource"] ?? "",
            (string?)json["time"],
            fields is null ? new(0) : isStored ? FieldSetJson.ReadStored(fields) : FieldSetJson.Read(fields))
        {
            _read = fields,
        };
    }

    public JsonObject Write()
    {
        var json = new JsonObject
        {
            ["manager"] = Manager,
            ["operation"] = IsApply ? Apply : Update,
            ["apiVersion"] = ApiVersion,
        };
        if (Time is not null)
        {
            json["time"] = Time;
        }

        json["fieldsType"] = FieldsType;
        json["fieldsV1"] = _read is null ? FieldSetJson.Write(Fields) : FieldSetJson.Copy(_read, Fields);
        if (Subresource.Length > 0)
        {
            json["subresource"] = Subresource;
        }

        return json;
    }
}

/// <summary>
/// Field ownership: server-side apply, and the tracking of all other writes. It follows upstream's
/// structured-merge-diff: an applier owns the fields it applies, an updater those it changes, and a field that an
/// applier no longer applies is removed unless another manager owns it.
/// </summary>
public static class FieldOwnership
{
    /// <summary>Merges a configuration into the live object. Neither is modified.</summary>
    /// <param name="live">Null to create.</param>
    /// <param name="subresource">Null for the object itself, otherwise <c>status</c>, <c>scale</c>, ...</param>
    /// <param name="force">Takes ownership instead of reporting conflicts.</param>
    /// <param name="hasStatus">Whether there is a status subresource, so that the main endpoint ignores status.</param>
    /// <returns>
    /// The new object with its managedFields. An apply that changes nothing returns an object equal to the live one,
    /// including times, so that no write is needed.
    /// </returns>
    /// <exception cref="ApiStatusException">409: conflicts; 400: an invalid apply request; 500: the configuration does
    /// not match the type.</exception>
    public static JsonObject Apply(
        JsonObject? live,
        JsonObject applied,
        TypeSchema schema,
        string manager,
        string? subresource,
        bool force,
        DateTimeOffset now,
        bool hasStatus = true) =>
        ConfigurationApply.Apply(live, applied, force, new(schema, manager, subresource, hasStatus, now));

    /// <summary>Updates the managedFields of an object for a write other than apply.</summary>
    /// <param name="old">Null for a creation.</param>
    /// <param name="updated">The complete new state; only its managedFields are changed.</param>
    /// <param name="hasStatus">Whether there is a status subresource, so that the main endpoint ignores status.</param>
    public static void TrackUpdate(
        JsonObject? old,
        JsonObject updated,
        TypeSchema schema,
        string manager,
        string? subresource,
        DateTimeOffset now,
        bool hasStatus = true) =>
        UpdateTracking.Track(old, updated, new(schema, manager, subresource, hasStatus, now));
}
