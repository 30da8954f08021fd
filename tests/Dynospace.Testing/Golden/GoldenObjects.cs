using System.Text.Json.Nodes;
using Dynospace.Api.Yaml;
using k8s;

namespace Dynospace.Testing.Golden;

/// <summary>Compares Kubernetes objects with checked-in YAML files, as they would be sent.</summary>
public static class GoldenObjects
{
    /// <param name="folder">The folder, with a file for each object.</param>
    /// <param name="objects">What was planned.</param>
    public static void Verify(string folder, IEnumerable<object> objects) =>
        GoldenFolder.Verify(folder, ToYaml(objects));

    /// <summary>The objects as YAML documents, fields in the order of their types.</summary>
    public static string ToYaml(IEnumerable<object> objects) =>
        string.Join("---\n", objects.Select(item => YamlWriter.Write(ToJson(item))));

    private static JsonNode ToJson(object item) => JsonNode.Parse(KubernetesJson.Serialize(item))!;
}
