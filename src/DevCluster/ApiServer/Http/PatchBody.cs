using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Patching;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Yaml;

namespace DevCluster.ApiServer.Http;

/// <summary>The body of a patch that is not server-side apply.</summary>
internal sealed record PatchBody(JsonNode? Patch, IReadOnlyList<string> Duplicates)
{
    public static PatchBody Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var start = utf8.TrimStart(" \t\r\n"u8);
            var parser = new JsonParser();
            return start.StartsWith("{"u8) || start.StartsWith("["u8)
                ? new PatchBody(parser.Parse(utf8), parser.Duplicates)
                : new PatchBody(YamlReader.ReadFirst(utf8), []);
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            throw ApiErrors.BadRequest($"error decoding patch: {failure.Message}");
        }
    }

    /// <summary>Returns the patched copy of an object.</summary>
    public JsonObject ApplyTo(JsonObject current, string mediaType, TypeSchema schema) => mediaType switch
    {
        "application/json-patch+json" => JsonPatch.Apply(current, Operations()) as JsonObject
            ?? throw ApiErrors.BadRequest("the patch leaves no object"),
        "application/merge-patch+json" => MergePatch.Apply(current, Map()),
        _ => StrategicMergePatch.Apply(current, Map(), schema),
    };

    private JsonArray Operations() =>
        Patch as JsonArray
        ?? throw ApiErrors.BadRequest(
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch");

    private JsonObject Map() =>
        Patch as JsonObject ?? throw ApiErrors.BadRequest("error decoding patch: the patch must be an object");
}
