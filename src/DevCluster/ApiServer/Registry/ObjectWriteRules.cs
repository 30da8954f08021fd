// Registry: executes writes of every verb: admission, validation, field ownership, deletion.

using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// Pure: the decisions of the API server about the fields of a write, regardless of the caller: identity, generation,
/// and the part of the object that a subresource may change. It edits the copies it receives.
/// </summary>
internal static class ObjectWriteRules
{
    /// <summary>Sets the identity of a new object and clears the fields that only the server sets.</summary>
    public static void PrepareCreate(ResourceDefinition definition, JsonObject content, DateTimeOffset now)
    {
        var metadata = content.Metadata();
        if (metadata.NonEmpty("resourceVersion") is not null)
        {
            throw new ApiStatusException(500, "", "resourceVersion should not be set on objects to be created");
        }

        content["apiVersion"] = definition.ApiVersion;
        content["kind"] = definition.Kind;
        ObjectMetadata.DropEmpty(metadata);
        if (metadata.NonEmpty("name") is null && metadata.NonEmpty("generateName") is { } prefix)
        {
            metadata["name"] = NameGenerator.Generate(prefix);
        }

        foreach (var field in new[]
        {
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "resourceVersion",
            "generation",
        })
        {
            metadata.Remove(field);
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamps.Format(now);
        if (HasGeneration(definition))
        {
            metadata["generation"] = 1;
        }

        if (definition.HasStatus && !KeepsStatusOnCreate(definition))
        {
            content.Remove("status");
        }
    }

    /// <summary>Restores the fields that an update must not change, depending on the subresource.</summary>
    public static JsonObject PrepareUpdate(
        ResourceDefinition definition, JsonObject old, JsonObject updated, string? subresource)
    {
        switch (subresource)
        {
            case "status":
                return OnlyField(old, updated, "status");
            case "finalize":
                return OnlyNested(old, updated, "spec", "finalizers");
            case "ephemeralcontainers":
                return OnlyNested(old, updated, "spec", "ephemeralContainers");
            case "binding":
                // A binding sets the node and, in the same write, the condition PodScheduled.
                RestoreMetadata(definition, old, updated);
                return updated;
            default:
                RestoreMetadata(definition, old, updated);
                if (definition.HasStatus)
                {
                    CopyField(old, updated, "status");
                }

                return updated;
        }
    }

    /// <summary>Increments the generation if anything except metadata and status differs.</summary>
    public static void CountGeneration(ResourceDefinition definition, JsonObject old, JsonObject updated)
    {
        if (!HasGeneration(definition))
        {
            return;
        }

        var generation = old.Metadata().Number("generation") ?? 0;
        updated.Metadata()["generation"] = SpecDiffers(definition, old, updated) ? generation + 1 : generation;
    }

    public static void Stamp(JsonObject content, long revision)
    {
        content.Metadata()["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        JsonNumbers.NormalizeObject(content);
    }

    public static bool HasGeneration(ResourceDefinition definition) => definition.IsCustom || definition.HasGeneration;

    // Kubelets register their Node with its status; all other objects are created without a status.
    private static bool KeepsStatusOnCreate(ResourceDefinition definition) =>
        definition.Id is { Group: "", Plural: "nodes" };

    private static bool SpecDiffers(ResourceDefinition definition, JsonObject old, JsonObject updated)
    {
        bool Counts(string key) =>
            key is not ("metadata" or "apiVersion" or "kind") && !(key == "status" && definition.HasStatus);
        return old.Where(field => Counts(field.Key)).Any(field => !JsonNode.DeepEquals(field.Value, updated[field.Key]))
            || updated.Any(field => Counts(field.Key) && !old.ContainsKey(field.Key));
    }

    private static void RestoreMetadata(ResourceDefinition definition, JsonObject old, JsonObject updated)
    {
        updated["apiVersion"] = definition.ApiVersion;
        updated["kind"] = definition.Kind;
        var metadata = updated.Metadata();
        ObjectMetadata.DropEmpty(metadata);
        metadata.Remove("selfLink");
        updated.CopyMetadata(old, "generation");
        updated.CopyMetadata(old, "resourceVersion");
        foreach (var field in MetadataRules.ImmutableFields)
        {
            if (!metadata.ContainsKey(field))
            {
                updated.CopyMetadata(old, field);
            }
        }
    }

    private static JsonObject OnlyField(JsonObject old, JsonObject updated, string field)
    {
        Restore(old, updated, field, "metadata");
        Restore(old.Metadata(), updated.Metadata(), "managedFields");
        return updated;
    }

    /// <summary>
    /// Restores all fields with exceptions. Equal values are kept, because comparing is cheaper than copying.
    /// </summary>
    private static void Restore(JsonObject old, JsonObject updated, params ReadOnlySpan<string> except)
    {
        for (var i = updated.Count - 1; i >= 0; i--)
        {
            var key = updated.GetAt(i).Key;
            if (!old.ContainsKey(key) && !except.Contains(key))
            {
                updated.RemoveAt(i);
            }
        }

        for (var i = 0; i < old.Count; i++)
        {
            var (key, value) = old.GetAt(i);
            if (!except.Contains(key)
                && !(updated.TryGetPropertyValue(key, out var present) && JsonNode.DeepEquals(present, value)))
            {
                updated[key] = value?.DeepClone();
            }
        }
    }

    private static JsonObject OnlyNested(JsonObject old, JsonObject updated, string parent, string field)
    {
        var result = old.DeepClone().AsObject();
        if (result[parent] is not JsonObject target)
        {
            result[parent] = target = [];
        }

        CopyField(updated[parent] as JsonObject ?? [], target, field);
        result.CopyMetadata(updated, "managedFields");
        return result;
    }

    private static void CopyField(JsonObject from, JsonObject to, string field)
    {
        if (from[field] is { } value)
        {
            if (!JsonNode.DeepEquals(value, to[field]))
            {
                to[field] = value.DeepClone();
            }
        }
        else
        {
            to.Remove(field);
        }
    }
}

/// <summary>A null field of a built-in kind means "not set"; typed servers never store one.</summary>
internal static class NullFields
{
    /// <summary>
    /// Custom resources keep nulls outside metadata, because their schema may declare fields nullable.
    /// </summary>
    public static void Drop(ResourceDefinition definition, JsonObject content)
    {
        // The schema in a CRD may contain a null default.
        var isTyped = !definition.IsCustom && definition.Id != KnownResources.CustomResourceDefinitions;
        for (var i = content.Count - 1; i >= 0; i--)
        {
            var (key, value) = content.GetAt(i);
            if (key == "metadata" && value is JsonObject metadata)
            {
                DropFields(metadata, except: "managedFields");
            }
            else if (isTyped)
            {
                DropField(content, i, value);
            }
        }
    }

    // Skips managedFields: every write replaces them, and inspecting them would materialize them in memory.
    private static void DropFields(JsonObject map, string? except)
    {
        for (var i = map.Count - 1; i >= 0; i--)
        {
            var (key, value) = map.GetAt(i);
            if (key != except)
            {
                DropField(map, i, value);
            }
        }
    }

    private static void DropField(JsonObject map, int index, JsonNode? value)
    {
        if (value is null)
        {
            map.RemoveAt(index);
        }
        else
        {
            Drop(value);
        }
    }

    private static void Drop(JsonNode node)
    {
        if (node is JsonObject map)
        {
            DropFields(map, except: null);
        }
        else if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                if (item is not null)
                {
                    Drop(item);
                }
            }
        }
    }
}
