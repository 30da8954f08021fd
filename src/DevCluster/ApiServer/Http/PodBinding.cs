using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>What a scheduler does with <c>pods/binding</c>.</summary>
internal static class PodBinding
{
    public static void Bind(
        IResourceRegistry registry, StoredObject pod, JsonObject binding, WriteOptions options, DateTimeOffset now)
    {
        var node = binding.NonEmpty("target", "name")
            ?? throw ApiErrors.Invalid(
                "", "Binding", pod.Name, FieldErrors.Required(FieldPath.Of("target.name")));
        registry.Update(pod.Resource, pod.Namespace, pod.Name, content => Assign(pod, content, node, now), options);
    }

    private static void Assign(StoredObject pod, JsonObject content, string node, DateTimeOffset now)
    {
        var spec = content["spec"]!.AsObject();
        if (spec.NonEmpty("nodeName") is { } assigned)
        {
            throw ApiErrors.Conflict(
                new ResourceId("", "pods/binding"),
                pod.Name,
                $"pod {pod.Name} is already assigned to node \"{assigned}\"");
        }

        spec["nodeName"] = node;
        if (content["status"] is not JsonObject status)
        {
            content["status"] = status = [];
        }

        var others = (status["conditions"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(condition => condition.NonEmpty("type") != "PodScheduled")
            .Select(condition => condition.DeepClone());
        var scheduled = new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "True",
            ["lastTransitionTime"] = ObjectMetadata.Timestamp(now),
        };
        status["conditions"] = new JsonArray([.. others, scheduled]);
    }
}
