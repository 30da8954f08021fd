// Yaml: reads YAML as kubectl does, with YAML 1.1 scalars.

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Yaml;

// This folder reads YAML and JSON exactly as kubectl and the API server do; their libraries implement YAML 1.1.

/// <summary>Reads manifests as kubectl does: YAML documents, or a sequence of JSON values.</summary>
public static class YamlReader
{
    private const string Separator = "---";

    /// <summary>
    /// The documents of a file or of standard input, without empty ones. Text that starts like a JSON object is a
    /// sequence of JSON values. Other text is split at lines that start with <c>---</c>.
    /// </summary>
    /// <exception cref="FormatException">The text is not valid YAML or JSON; the message contains the line.</exception>
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
    /// The first document of a request body; null if it is empty. The paths of duplicate keys are added to <paramref
    /// name="duplicates"/>; the last value wins.
    /// </summary>
    /// <exception cref="FormatException">The text is not valid YAML; the message contains the line.</exception>
    public static JsonNode? ReadFirst(ReadOnlySpan<byte> utf8, ICollection<string>? duplicates = null) =>
        YamlDocument.Read(Decode(utf8), firstLine: 0, duplicates);

    /// <summary>
    /// The objects of a document: the items of a list (<c>List</c>, <c>AppList</c>), including nested lists, or else
    /// the document itself. Items without apiVersion or kind inherit both from the list.
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
    /// A byte order mark determines the Unicode encoding; the default is UTF-8. As in kubectl, invalid bytes become
    /// U+FFFD.
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
            // YAML may follow JSON, as in files joined by cat.
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

    /// <summary>YAML that starts with a flow mapping, which is not JSON if words are unquoted.</summary>
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
