using System.Text.Json.Nodes;
using Dynospace.Api.Yaml;

namespace Dynospace.Api.Crds;

/// <summary>The files of <c>crds/</c>, made from the types.</summary>
public static class CrdFiles
{
    private const string Header = "# Generated from src/Dynospace.Api; UPDATE_GOLDEN=1 with the tests of Dynospace.Api writes it anew.\n";

    /// <summary>Makes one file for each custom resource.</summary>
    /// <exception cref="IOException">The XML documentation, which holds the descriptions, is not beside the program.</exception>
    public static IReadOnlyList<CrdFile> Generate()
    {
        var documentation = XmlDocumentation.Beside(typeof(CrdFiles).Assembly);
        return [.. CustomResourceTypes.All.Select(type => File(CustomResourceDefinitionGenerator.Generate(type, documentation)))];
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
