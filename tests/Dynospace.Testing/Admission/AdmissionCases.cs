using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;

namespace Dynospace.Testing.Admission;

/// <summary>
/// The cases of <c>tests/Dynospace.Api.Tests/Crds/Cases</c>. A case is a JSON merge patch on the file's base object,
/// so that what it is about stands alone.
/// </summary>
public static class AdmissionCases
{
    public static IReadOnlyList<AdmissionCase> All { get; } =
    [
        .. Directory.GetFiles(RepositoryFolder.Combine(
            "tests", "Dynospace.Api.Tests", "Crds", "Cases"), "*.yaml").Order(StringComparer.Ordinal).SelectMany(Read),
    ];

    private static IEnumerable<AdmissionCase> Read(string file)
    {
        var document = YamlReader.ReadAll(File.ReadAllText(file)).Single();
        var basis = document["base"]!.AsObject();
        return document["admitted"]!.AsArray().Select(entry => Read(basis, entry!, []))
            .Concat(document["refused"]!.AsArray().Select(entry =>
                Read(basis, entry!, [.. entry!["says"]!.AsArray().Select(part => (string)part!)])));
    }

    private static AdmissionCase Read(JsonObject basis, JsonNode entry, IReadOnlyList<string> says)
    {
        var before = entry["before"] is JsonObject first ? Merge(basis, first) : null;
        return new AdmissionCase((string)entry["name"]!, before, Merge(basis, entry["change"]!.AsObject()), says);
    }

    /// <summary>RFC 7396.</summary>
    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        var merged = target.DeepClone().AsObject();
        foreach (var (key, value) in patch)
        {
            switch (value)
            {
                case null:
                    merged.Remove(key);
                    break;
                case JsonObject change:
                    merged[key] = Merge(merged[key] as JsonObject ?? [], change);
                    break;
                default:
                    merged[key] = value.DeepClone();
                    break;
            }
        }

        return merged;
    }
}
