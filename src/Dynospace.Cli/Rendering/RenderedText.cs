using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Yaml;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>Prints objects without what only a cluster can know: the same manifests give the same bytes.</summary>
internal static class RenderedText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects, RenderFormat format) => format switch
    {
        RenderFormat.Name => string.Concat(objects.Select(item => NameOf(item) + "\n")),
        RenderFormat.Json => List(objects).ToJsonString(Indented) + "\n",
        _ => string.Join("---\n", objects.Select(item => YamlWriter.Write(Content(item)))),
    };

    /// <summary>As kubectl names objects, with the namespace, which kubectl leaves out: <c>pod/acme/shop-web-1-x</c>.</summary>
    private static string NameOf(IKubernetesObject<V1ObjectMeta> item)
    {
        var slash = item.ApiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : "." + item.ApiVersion[..slash];
        var ns = item.Metadata.NamespaceProperty is { } name ? name + "/" : "";
        return $"{item.Kind.ToLowerInvariant()}{group}/{ns}{item.Metadata.Name}";
    }

    private static JsonObject List(IEnumerable<IKubernetesObject<V1ObjectMeta>> objects) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "List",
        ["items"] = new JsonArray([.. objects.Select(Content)]),
    };

    private static JsonObject Content(IKubernetesObject<V1ObjectMeta> item)
    {
        var content = JsonObjects.From(item);
        content.Remove("status");
        var metadata = content["metadata"]!.AsObject();
        metadata.Remove("uid");
        metadata.Remove("generation");
        foreach (var owner in metadata["ownerReferences"] as JsonArray ?? [])
        {
            owner!.AsObject().Remove("uid");
        }

        if (metadata["annotations"] is JsonObject annotations)
        {
            annotations.Remove(Annotations.SpaceUid);
            if (annotations.Count == 0)
            {
                metadata.Remove("annotations");
            }
        }

        return content;
    }
}
