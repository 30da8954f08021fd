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

    /// <summary>False if some entry is not as the API allows.</summary>
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

    /// <summary>Writes the entries into the object's metadata; nothing if there are none.</summary>
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

    /// <summary>Takes fields from all managers except one.</summary>
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

/// <summary>One entry of <c>managedFields</c>: who owns what, by which kind of write.</summary>
internal sealed record ManagerEntry(
    string Manager, bool IsApply, string ApiVersion, string Subresource, string? Time, FieldSet Fields)
{
    // As it was read, to be written again as long as the fields stay the same.
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

    /// <summary>Who this is. An applier stays the same when it moves to another version of the API.</summary>
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

    /// <summary>Null for an entry that the API would refuse.</summary>
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
/// Who owns which field: server-side apply, and the bookkeeping for all other writes. Semantics are those of upstream's
/// structured-merge-diff: an applier owns what it applies, an updater what it changes, and what an applier no longer
/// applies goes unless another owns it.
/// </summary>
public static class FieldOwnership
{
    /// <summary>Lays a configuration over the live object. Neither is modified.</summary>
    /// <param name="live">Null to create.</param>
    /// <param name="subresource">Null for the object itself, else <c>status</c>, <c>scale</c>, ...</param>
    /// <param name="force">Take fields over rather than report conflicts.</param>
    /// <param name="hasStatus">Whether status has an endpoint of its own, so that the main one leaves it alone.</param>
    /// <returns>
    /// The new object with its managedFields. An apply that changes nothing returns an object equal to the live one,
    /// times included, so that nothing needs to be written.
    /// </returns>
    /// <exception cref="ApiStatusException">409 for conflicts, 400 for a request that is not an apply, 500 for what
    /// does not fit the type.</exception>
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

    /// <summary>Sets the managedFields of an object that is written by anything but apply.</summary>
    /// <param name="old">Null for a creation.</param>
    /// <param name="updated">The new state, complete; only its managedFields are changed.</param>
    /// <param name="hasStatus">Whether status has an endpoint of its own, so that the main one leaves it alone.</param>
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
