using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Tracks ownership for writes other than apply: a writer that changes a field takes it from all other managers.
/// </summary>
internal static class UpdateTracking
{
    public static void Track(JsonObject? old, JsonObject updated, WriteContext write)
    {
        EmptyMetadata.Remove(updated);
        var managed = Requested(old, updated, write.Subresource);

        // Written again below. It has no owner, so the comparison must not parse it.
        (updated["metadata"] as JsonObject)?.Remove("managedFields");

        // An existing object without managedFields stays without until its first apply.
        if (old is null || !managed.IsEmpty)
        {
            TakeChanges(managed, old ?? [], updated, write);
        }

        managed.WriteTo(updated);
    }

    public static void TakeChanges(ManagedFields managed, JsonObject old, JsonObject updated, WriteContext write)
    {
        var difference = ObjectComparer.Compare(old, updated, write.Schema)
            .Without(OwnershipScope.ResetFields(write.Subresource, write.HasStatus));
        managed.TakeFromOthers(difference.Changed, null);
        managed.TakeFromOthers(difference.Removed, null);
        var entry = write.Entry(
            isApply: false, (string?)updated["apiVersion"], difference.Changed.Except(OwnershipScope.NeverOwned));
        if (entry.Fields.IsEmpty)
        {
            return;
        }

        managed.Set(
            managed.Find(entry) is { } previous ? entry with { Fields = entry.Fields.Union(previous.Fields) } : entry);
        managed.CapUpdateManagers();
    }

    /// <summary>
    /// The initial owners: a client may replace them through the object itself, never through a subresource.
    /// </summary>
    private static ManagedFields Requested(JsonObject? old, JsonObject updated, string? subresource)
    {
        if (string.IsNullOrEmpty(subresource) && updated["metadata"]?["managedFields"] is JsonArray wanted)
        {
            if (wanted is [] or [JsonObject { Count: 0 }])
            {
                return new();
            }

            if (ManagedFields.TryRead(wanted, out var requested))
            {
                return requested;
            }
        }

        return ManagedFields.TryRead(old?["metadata"]?["managedFields"], out var existing, isStored: true)
            ? existing
            : new();
    }
}

/// <summary>The fields an endpoint can own: the main one all except status, the status one only status.</summary>
internal static class OwnershipScope
{
    private const string Status = "status";

    private static readonly FieldSet StatusFields = FieldSet.FromPaths([Status]);
    private static readonly FieldSet AllButStatus = FieldSet.FromPaths(["metadata"], ["spec"]);
    private static readonly FieldSet NoFields = new(0);

    /// <summary>Fields that identify the object or that the server sets; they have no owner.</summary>
    public static FieldSet NeverOwned { get; } = FieldSet.FromPaths(
        ["apiVersion"],
        ["kind"],
        ["metadata"],
        ["metadata", "name"],
        ["metadata", "namespace"],
        ["metadata", "creationTimestamp"],
        ["metadata", "selfLink"],
        ["metadata", "uid"],
        ["metadata", "clusterName"],
        ["metadata", "generation"],
        ["metadata", "managedFields"],
        ["metadata", "resourceVersion"]);

    /// <summary>
    /// The fields that an update through the endpoint resets, so that it does not change their owners.
    /// </summary>
    public static FieldSet ResetFields(string? subresource, bool hasStatus) => subresource switch
    {
        null or "" => hasStatus ? StatusFields : NoFields,
        Status => AllButStatus,
        _ => NoFields,
    };

    /// <summary>The part of a configuration that applies to the endpoint.</summary>
    public static JsonObject Effective(JsonObject configuration, string? subresource, bool hasStatus)
    {
        var part = configuration.DeepClone().AsObject();
        if (subresource == Status)
        {
            foreach (var name in part.Select(p => p.Key)
                .Where(name => name is not ("apiVersion" or "kind" or Status))
                .ToArray())
            {
                part.Remove(name);
            }
        }
        else if (hasStatus)
        {
            part.Remove(Status);
        }

        return part;
    }
}

/// <summary>
/// The annotation of client-side apply. An object managed with it can migrate to server-side apply: the recorded fields
/// do not conflict, and <c>kubectl apply --server-side</c> updates the annotation so that switching back remains
/// possible.
/// </summary>
internal static class LastAppliedConfiguration
{
    /// <summary>The only manager for which upstream does this.</summary>
    public const string Manager = "kubectl";

    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    private static readonly JsonSerializerOptions AsGoWrites = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The recorded fields whose live values still match the annotation.</summary>
    public static FieldSet? UnchangedFields(JsonObject live, TypeSchema schema)
    {
        if (Read(live) is not { } recorded || (string?)recorded["apiVersion"] != (string?)live["apiVersion"])
        {
            return null;
        }

        var difference = ObjectComparer.Compare(recorded, live, schema);
        return AppliedFields.FromConfiguration(recorded, schema).Fields
            .Except(difference.Modified).Except(difference.Added).Except(difference.Removed);
    }

    /// <summary>Updates an existing annotation.</summary>
    public static void Refresh(JsonObject obj, JsonObject configuration)
    {
        if (obj["metadata"]?["annotations"] is not JsonObject annotations
            || string.IsNullOrEmpty((string?)annotations[Annotation]))
        {
            return;
        }

        var recorded = Sorted(configuration)!.AsObject();
        (recorded["metadata"]?["annotations"] as JsonObject)?.Remove(Annotation);
        annotations[Annotation] = recorded.ToJsonString(AsGoWrites) + "\n";
    }

    private static JsonObject? Read(JsonObject live)
    {
        if ((string?)live["metadata"]?["annotations"]?[Annotation] is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // Invalid JSON records no fields.
            return null;
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map =>
            new JsonObject(
                map.OrderBy(p => p.Key, StringComparer.Ordinal)
                    .Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
