// Yaml: reads YAML as kubectl does, with the scalars of YAML 1.1.

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Yaml;

// This folder reads YAML and JSON exactly as kubectl and the API server do, whose libraries speak YAML 1.1.

/// <summary>Reads manifests as kubectl does: YAML documents, or JSON values one after the other.</summary>
public static class YamlReader
{
    private const string Separator = "---";

    /// <summary>
    /// The documents of a file or of standard input; empty ones are left out. Text that begins like a JSON object is a
    /// sequence of JSON values. Anything else is cut at lines that begin with <c>---</c>.
    /// </summary>
    /// <exception cref="FormatException">The text is not valid YAML or JSON; the message names the line.</exception>
    public static IReadOnlyList<JsonNode> ReadAll(ReadOnlySpan<byte> utf8)
    {
        var text = Decode(utf8);
        return StartsAsJson(text) ? ReadJsonValues(text) : [.. Documents(text).OfType<JsonNode>()];
    }

    /// <inheritdoc cref="ReadAll(ReadOnlySpan{byte})"/>
    public static IReadOnlyList<JsonNode> ReadAll(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ReadAll(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>
    /// The first document of a request body; null where it is empty. With <paramref name="duplicates"/>, the paths of
    /// keys that occur twice are added to it; the last value counts.
    /// </summary>
    /// <exception cref="FormatException">The text is not valid YAML; the message names the line.</exception>
    public static JsonNode? ReadFirst(ReadOnlySpan<byte> utf8, ICollection<string>? duplicates = null) =>
        YamlDocument.Read(Decode(utf8), firstLine: 0, duplicates);

    /// <summary>
    /// The objects of a document: of a list (<c>List</c>, <c>AppList</c>) its items, nested ones included, else the
    /// document itself. Items without apiVersion or kind take both of the list.
    /// </summary>
    public static IEnumerable<JsonObject> Flatten(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (!document.TryGetPropertyValue("items", out var found) || found is not (JsonArray or null))
        {
            return [document];
        }

        return (found?.AsArray() ?? []).OfType<JsonObject>().SelectMany(item => Flatten(WithKindOf(document, item)));
    }

    private static JsonObject WithKindOf(JsonObject list, JsonObject item)
    {
        var copy = item.DeepClone().AsObject();
        if (copy.Text("kind") is not { Length: > 0 } || copy.Text("apiVersion") is not { Length: > 0 })
        {
            const string suffix = "List";
            var kind = list.Text("kind") ?? "";
            copy["kind"] = kind.EndsWith(suffix, StringComparison.Ordinal) ? kind[..^suffix.Length] : kind;
            copy["apiVersion"] = list.Text("apiVersion") ?? "";
        }

        return copy;
    }

    /// <summary>
    /// A byte order mark says which Unicode it is; without one it is UTF-8. Bytes that are not valid become U+FFFD, as
    /// with kubectl.
    /// </summary>
    private static string Decode(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, .. var rest] => Encoding.UTF8.GetString(rest),
        [0xFE, 0xFF, .. var rest] => Encoding.BigEndianUnicode.GetString(rest),
        [0xFF, 0xFE, .. var rest] => Encoding.Unicode.GetString(rest),
        _ => Encoding.UTF8.GetString(bytes),
    };

    private static bool StartsAsJson(string text) => text.AsSpan().TrimStart() is ['{', ..];

    private static List<JsonNode> ReadJsonValues(string text)
    {
        var values = new List<JsonNode>();
        var bytes = Encoding.UTF8.GetBytes(text);
        var start = 0;
        while (bytes.AsSpan(start).TrimStart(" \t\r\n"u8) is [var first, ..])
        {
            // What follows JSON may be YAML, as in files that are joined by cat.
            var rest = bytes.AsSpan(start);
            if (first is (byte)'-' or (byte)'#')
            {
                values.AddRange(Documents(Encoding.UTF8.GetString(rest)).OfType<JsonNode>());
                break;
            }

            try
            {
                if (new JsonParser().ParseFirst(rest, out var read) is { } value)
                {
                    values.Add(value);
                }

                start += read;
            }
            catch (JsonException failure)
            {
                return start == 0 && TryFlowMap(text) is { } documents
                    ? documents
                    : throw NotJson(failure, bytes.AsSpan(0, start).Count((byte)'\n'));
            }
        }

        return values;
    }

    /// <summary>YAML whose first value is a map in braces, which is not JSON where words are unquoted.</summary>
    private static List<JsonNode>? TryFlowMap(string text)
    {
        try
        {
            return [.. Documents(text).OfType<JsonNode>()];
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static FormatException NotJson(JsonException failure, int linesBefore) => new(
        $"line {linesBefore + 1 + (failure.LineNumber ?? 0)}: this is not valid JSON: {JsonParser.Reason(failure)}",
        failure);

    private static IEnumerable<JsonNode?> Documents(string text)
    {
        var document = new StringBuilder();
        var (line, first) = (0, 0);
        foreach (var content in text.Split('\n'))
        {
            if (content.StartsWith(Separator, StringComparison.Ordinal))
            {
                if (content[Separator.Length..].Trim() is [not '#', ..] rest)
                {
                    throw new FormatException(
                        $"line {line + 1}: '---' separates documents: move \"{rest}\" to the next line");
                }

                yield return YamlDocument.Read(document.ToString(), first, duplicates: null);
                document.Clear();
                first = line + 1;
            }
            else
            {
                document.Append(content).Append('\n');
            }

            line++;
        }

        yield return YamlDocument.Read(document.ToString(), first, duplicates: null);
    }
}
