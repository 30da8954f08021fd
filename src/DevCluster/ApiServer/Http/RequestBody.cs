using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Protobuf;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Yaml;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>Reads request bodies: size limit, media type, JSON or YAML.</summary>
internal static class RequestBody
{
    private const int Limit = 3 * 1024 * 1024;
    private const int QuotedLength = 64;

    public static async Task<byte[]> ReadAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (http.Request.ContentLength > Limit)
        {
            throw TooLarge();
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.Buffer.Length > Limit)
            {
                throw TooLarge();
            }

            if (result.IsCompleted)
            {
                var bytes = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>The media type without parameters; empty if absent.</summary>
    public static string MediaType(HttpContext http) =>
        (http.Request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>Reads a body that contains one object of <paramref name="kind"/>.</summary>
    public static async Task<ParsedBody> ReadObjectAsync(
        HttpContext http, string kind, CancellationToken cancellationToken)
    {
        return Parse(MediaType(http), await ReadAsync(http, cancellationToken), kind);
    }

    public static ParsedBody Parse(string media, ReadOnlySpan<byte> bytes, string kind) => media switch
    {
        "" or "application/json" or "*/*" => ParseJson(bytes, kind),
        "application/yaml" => ParseYaml(bytes, kind),
        ProtobufBodyParser.MediaType => new ParsedBody(ProtobufBodyParser.Parse(bytes, kind), []),
        _ => throw ApiErrors.UnsupportedMediaType(
            "the body of the request was in an unknown format - accepted media types include: application/json, "
            + "application/yaml, "
            + ProtobufBodyParser.MediaType),
    };

    public static ParsedBody ParseJson(ReadOnlySpan<byte> utf8, string kind)
    {
        try
        {
            var parser = new JsonParser();
            return new ParsedBody(AsObject(parser.Parse(utf8), kind), parser.Duplicates);
        }
        catch (JsonException failure)
        {
            throw Unrecognized(
                kind, $"couldn't get version/kind; json parse error: {FirstSentence(failure)} ({Quote(utf8)})");
        }
    }

    /// <summary>
    /// Parses YAML, a superset of JSON. A body that looks like JSON is parsed as JSON, which is faster and detects
    /// duplicates.
    /// </summary>
    public static ParsedBody ParseYaml(ReadOnlySpan<byte> utf8, string kind)
    {
        try
        {
            if (utf8.TrimStart(" \t\r\n"u8).StartsWith("{"u8) && TryJson(utf8) is { } json)
            {
                return json;
            }

            var duplicates = new List<string>();
            return new ParsedBody(AsObject(YamlReader.ReadFirst(utf8, duplicates), kind), duplicates);
        }
        catch (FormatException failure)
        {
            throw ApiErrors.BadRequest($"error decoding YAML: {failure.Message}");
        }
    }

    /// <summary>Parses JSON; null if the body is a YAML flow mapping instead.</summary>
    private static ParsedBody? TryJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var parser = new JsonParser();
            return parser.Parse(utf8) is JsonObject content ? new ParsedBody(content, parser.Duplicates) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject AsObject(JsonNode? node, string kind) =>
        node as JsonObject
        ?? throw Unrecognized(kind, "couldn't get version/kind; json parse error: the value is not an object");

    private static ApiStatusException Unrecognized(string kind, string why) =>
        ApiErrors.BadRequest($"the object provided is unrecognized (must be of type {kind}): {why}");

    private static ApiStatusException TooLarge() =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Limit}");

    private static string FirstSentence(JsonException failure) => failure.Message.Split(". ")[0];

    private static string Quote(ReadOnlySpan<byte> utf8) =>
        utf8.Length <= QuotedLength
            ? Encoding.UTF8.GetString(utf8)
            : Encoding.UTF8.GetString(utf8[..QuotedLength]) + " ...";
}

/// <summary>An object as received, and the paths of its duplicate fields.</summary>
internal sealed record ParsedBody(JsonObject Content, IReadOnlyList<string> Duplicates);
