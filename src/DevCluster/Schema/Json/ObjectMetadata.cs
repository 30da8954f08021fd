using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>Shared reads and writes of <c>metadata</c>.</summary>
internal static class ObjectMetadata
{
    public static JsonObject Metadata(this JsonObject content)
    {
        if (content["metadata"] is not JsonObject metadata)
        {
            content["metadata"] = metadata = [];
        }

        return metadata;
    }

    public static string? MetadataText(this JsonObject content, string key) =>
        content.NonEmpty("metadata", key);

    public static bool IsTerminating(this JsonObject content) => content.MetadataText("deletionTimestamp") is not null;

    public static IReadOnlyList<string> Finalizers(this JsonObject content) =>
        content["metadata"]?["finalizers"] is JsonArray list ? [.. list.Select(item => (string?)item ?? "")] : [];

    public static void SetFinalizers(this JsonObject content, IReadOnlyCollection<string> finalizers)
    {
        if (finalizers.Count == 0)
        {
            content.Metadata().Remove("finalizers");
        }
        else
        {
            content.Metadata()["finalizers"] = new JsonArray([.. finalizers.Select(item => (JsonNode)item)]);
        }
    }

    /// <summary>Copies a field of metadata from another object, or removes it if the other has none.</summary>
    public static void CopyMetadata(this JsonObject target, JsonObject source, string key)
    {
        var from = source["metadata"]?[key];
        if (from is null)
        {
            target.Metadata().Remove(key);
        }
        else
        {
            target.Metadata()[key] = from.DeepClone();
        }
    }

    /// <summary>Drops metadata that a typed API object does not serialize: nulls and empty maps and lists.</summary>
    public static void DropEmpty(JsonObject metadata)
    {
        for (var i = metadata.Count - 1; i >= 0; i--)
        {
            if (metadata.GetAt(i).Value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
            {
                metadata.RemoveAt(i);
            }
        }
    }

    /// <summary>Equality of objects for a write: the times in managedFields are ignored.</summary>
    public static bool IsSame(JsonObject left, JsonObject right)
    {
        foreach (var (key, value) in left)
        {
            if (key != "metadata" && !JsonNode.DeepEquals(value, right[key]))
            {
                return false;
            }
        }

        return left.Count == right.Count && SameMetadata(left.Metadata(), right.Metadata());
    }

    private static bool SameMetadata(JsonObject left, JsonObject right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (key, value) in left)
        {
            var other = right[key];
            if (key == "managedFields"
                ? !SameManagers(value as JsonArray, other as JsonArray)
                : !JsonNode.DeepEquals(value, other))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameManagers(JsonArray? left, JsonArray? right)
    {
        if (left is null || right is null || left.Count != right.Count)
        {
            return left is null && right is null;
        }

        return left.Zip(right).All(pair => SameManager(pair.First as JsonObject, pair.Second as JsonObject));
    }

    private static bool SameManager(JsonObject? left, JsonObject? right) =>
        left is not null && right is not null && left.Count == right.Count
        && left.All(field => field.Key == "time" || JsonNode.DeepEquals(field.Value, right[field.Key]));
}
