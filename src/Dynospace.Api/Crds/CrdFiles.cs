using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Api.Yaml;

namespace Dynospace.Api.Crds;

/// <summary>One file of <c>crds/</c>.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Text">Its YAML.</param>
public sealed record CrdFile(string Name, string Text);

/// <summary>The files of <c>crds/</c>, made from the types.</summary>
public static class CrdFiles
{
    private const string Header =
        "# Generated from src/Dynospace.Api: UPDATE_GOLDEN=1 with the tests of Dynospace.Api regenerates it.\n";

    /// <summary>Makes one file for each custom resource.</summary>
    /// <exception cref="IOException">The XML documentation, which holds the descriptions, is not beside the
    /// program.</exception>
    public static IReadOnlyList<CrdFile> Generate()
    {
        var documentation = XmlDocumentation.Beside(typeof(CrdFiles).Assembly);
        return
        [
            .. CustomResourceTypes.All.Select(
                type => File(CustomResourceDefinitionGenerator.Generate(type, documentation))),
        ];
    }

    /// <summary>Makes the kustomization that lists them.</summary>
    public static CrdFile Kustomization(IEnumerable<CrdFile> files)
    {
        var kustomization = new JsonObject
        {
            ["apiVersion"] = "kustomize.config.k8s.io/v1beta1",
            ["kind"] = "Kustomization",
            ["resources"] = new JsonArray([.. files.Select(file => JsonValue.Create(file.Name))]),
        };
        return new CrdFile("kustomization.yaml", Header + YamlWriter.Write(kustomization));
    }

    private static CrdFile File(JsonObject crd) => new(
        $"{crd["spec"]!["group"]}_{crd["spec"]!["names"]!["plural"]}.yaml",
        Header + YamlWriter.Write(crd));
}

/// <summary>The classes that are custom resources, in the order of their files.</summary>
internal static class CustomResourceTypes
{
    public static IReadOnlyList<Type> All { get; } =
        [typeof(Space), typeof(App), typeof(Dyno), typeof(NodeNetwork), typeof(EgressGateway)];
}
