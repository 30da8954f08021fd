using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>Brings objects from the wire into the form in which typed clients and the store hold them.</summary>
internal static class WireObjects
{
    /// <summary>Drops nulls, which mean "not set", and completes a secret's data from stringData.</summary>
    public static void Normalize(ResourceDefinition definition, JsonObject content)
    {
        NullFields.Drop(definition, content);
        if (definition.Id is { Group: "", Plural: "secrets" } && content.Remove("stringData", out var strings))
        {
            MergeStrings(content, strings as JsonObject);
        }
    }

    /// <summary>Refuses an object of another namespace than the path's, and completes one that names none.</summary>
    public static void SetNamespace(ResourceRequest request, JsonObject content)
    {
        var own = content.MetadataText("namespace");
        if (own is not null && own != (request.Namespace ?? ""))
        {
            throw ApiErrors.BadRequest(request.Namespace is null
                ? "namespace should not be set on cluster-scoped objects"
                : "the namespace of the provided object does not match the namespace sent on the request");
        }

        if (request.Namespace is not null)
        {
            content.Metadata()["namespace"] = request.Namespace;
        }
    }

    /// <summary>Refuses an object of another name than the path's, and completes one that names none.</summary>
    public static void SetName(ResourceRequest request, JsonObject content)
    {
        var own = content.MetadataText("name");
        if (own is not null && own != request.Name)
        {
            throw ApiErrors.BadRequest(
                $"the name of the object ({own}) does not match the name on the URL ({request.Name})");
        }

        content.Metadata()["name"] = request.Name;
    }

    private static void MergeStrings(JsonObject content, JsonObject? strings)
    {
        foreach (var (key, value) in strings ?? [])
        {
            if (content["data"] is not JsonObject data)
            {
                content["data"] = data = [];
            }

            data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes((string?)value ?? ""));
        }
    }
}
