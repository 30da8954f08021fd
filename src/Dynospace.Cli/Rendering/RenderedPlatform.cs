using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Yaml;
using Dynospace.Cli.Terminal;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>What the operator would make of manifests.</summary>
/// <param name="Objects">Every object in order of creation, space by space.</param>
/// <param name="Problems">What prevents objects from being made as desired.</param>
public sealed record RenderedPlatform(
    IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects, IReadOnlyList<RenderProblem> Problems);

/// <summary>Manifests and the result of rendering them.</summary>
/// <param name="Input">What the manifests hold.</param>
/// <param name="PodRanges">Where pods will get their addresses.</param>
/// <param name="Rendered">What the operator makes of it.</param>
public sealed record RenderSource(PlatformInput Input, CidrSet PodRanges, RenderedPlatform Rendered);

/// <summary>What the operator would report of an object that it cannot make as desired.</summary>
/// <param name="Subject">The object, <c>App acme/shop</c>.</param>
/// <param name="Reason">The reason that its condition would show.</param>
/// <param name="Message">Field, value and remedy.</param>
public sealed record RenderProblem(string Subject, Reason Reason, string Message)
{
    /// <summary>Whether the object is still made as its spec asks.</summary>
    public bool IsWarning => Reason.Nature == ReasonNature.Warning;

    public static RenderProblem FromProblem(IKubernetesObject<V1ObjectMeta> subject, Problem problem) => new(
        $"{subject.Kind} {(subject.Metadata.NamespaceProperty is { } ns ? ns + "/" : "")}{subject.Metadata.Name}",
        problem.Reason,
        problem.Message);

    public override string ToString() => $"{(IsWarning ? "warning: " : "")}{Subject}: {Reason}: {Message}";
}

/// <summary>How objects are printed.</summary>
public enum RenderFormat
{
    Yaml,
    Json,
    Name,
}

/// <summary>Prints objects without fields that only a cluster sets: the same manifests give the same bytes.</summary>
public static class RenderedText
{
    public static string Print(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects, RenderFormat format) =>
        format switch
        {
            RenderFormat.Name => string.Concat(objects.Select(item => NameOf(item) + "\n")),
            RenderFormat.Json => PrintedJson.Format(List(objects)),
            _ => string.Join("---\n", objects.Select(item => YamlWriter.Write(Content(item)))),
        };

    /// <summary>
    /// As kubectl names objects, with the namespace, which kubectl leaves out: <c>pod/acme/shop-web-1-x</c>.
    /// </summary>
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
