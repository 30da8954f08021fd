using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>Reads a Scale out of an object and writes its replicas back. Pure.</summary>
internal static class ScaleView
{
    public static JsonObject Read(ResourceDefinition definition, JsonObject content)
    {
        var scale = definition.Scale!;
        var metadata = new JsonObject();
        foreach (var field in new[] { "name", "namespace", "uid", "resourceVersion", "creationTimestamp" })
        {
            if (content["metadata"]?[field] is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        var status = new JsonObject { ["replicas"] = At(content, scale.StatusReplicasPath)?.DeepClone() ?? 0 };
        if (Selector(definition, content) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = At(content, scale.SpecReplicasPath)?.DeepClone() ?? 0 },
            ["status"] = status,
        };
    }

    /// <exception cref="ApiStatusException">422: no number, or a negative one.</exception>
    public static long Replicas(string name, JsonObject scale)
    {
        var replicas = (scale["spec"] as JsonObject)?.NumberOf("replicas") ?? 0;
        return replicas >= 0
            ? replicas
            : throw ApiErrors.Invalid(
                "autoscaling",
                "Scale",
                name,
                new FieldError("spec.replicas", "FieldValueInvalid", $"Invalid value: {replicas}: must be greater than or equal to 0"));
    }

    public static void Write(ResourceDefinition definition, JsonObject content, long replicas)
    {
        var path = definition.Scale!.SpecReplicasPath.TrimStart('.').Split('.');
        var target = content;
        foreach (var key in path[..^1])
        {
            if (target[key] is not JsonObject next)
            {
                target[key] = next = [];
            }

            target = next;
        }

        target[path[^1]] = replicas;
    }

    // Built-in kinds select by spec.selector.matchLabels; custom ones publish the text form in their status.
    private static string? Selector(ResourceDefinition definition, JsonObject content)
    {
        if (definition.IsCustom)
        {
            return definition.Scale!.LabelSelectorPath is { } path ? (string?)At(content, path) : null;
        }

        var labels = content["spec"]?["selector"]?["matchLabels"] as JsonObject ?? [];
        return string.Join(',', labels.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal));
    }

    private static JsonNode? At(JsonObject content, string path)
    {
        JsonNode? node = content;
        foreach (var key in path.TrimStart('.').Split('.'))
        {
            node = (node as JsonObject)?[key];
        }

        return node;
    }
}
