using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;

namespace Dynospace.EndToEnd.Tests.Providers;

/// <summary>
/// CustomResourceDefinitions as gateways and cert-manager publish them, in the folder that DYNOSPACE_TEST_DEFINITIONS
/// names: what the operator writes is then held against their schemas and rules.
/// </summary>
internal static class PublishedDefinitions
{
    private const string Variable = "DYNOSPACE_TEST_DEFINITIONS";

    private static readonly string? Folder = Environment.GetEnvironmentVariable(Variable);
    private static readonly Lazy<Dictionary<string, JsonObject>> Definitions = new(() => ReadFolder(Folder!));

    /// <summary>The definition of this name; null where no folder is named.</summary>
    /// <exception cref="InvalidOperationException">The folder has no such definition: a stand-in in its place would
    /// show nothing.</exception>
    public static JsonObject? Find(string name)
    {
        if (string.IsNullOrEmpty(Folder))
        {
            return null;
        }

        return Definitions.Value.TryGetValue(name, out var found)
            ? found.DeepClone().AsObject()
            : throw new InvalidOperationException(
                $"{Folder}, which {Variable} names, has no CustomResourceDefinition {name}.");
    }

    private static Dictionary<string, JsonObject> ReadFolder(string folder) => Directory
        .EnumerateFiles(folder, "*.y*ml", SearchOption.AllDirectories)
        .SelectMany(file => YamlReader.ReadAll(File.ReadAllText(file)))
        .OfType<JsonObject>()
        .Where(document => (string?)document["kind"] == "CustomResourceDefinition")
        .GroupBy(document => (string)document["metadata"]!["name"]!, StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal);
}
