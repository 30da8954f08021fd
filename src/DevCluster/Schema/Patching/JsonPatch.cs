using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Patching;

/// <summary>
/// JSON patch (RFC 6902) with the behavior of the API server's library. It is laxer than the RFC in a few cases
/// (replace and copy treat an absent member as null, indexes may be negative, a missing value is null) and stricter in
/// one (add, remove, move and copy refuse the whole document).
/// </summary>
public static class JsonPatch
{
    private const int MaxOperations = 10_000;
    private const long MaxCopied = 3 * 1024 * 1024;

    /// <summary>Returns the patched copy; neither argument is modified.</summary>
    /// <exception cref="ApiStatusException">400 for a malformed patch, 422 for one that does not apply.</exception>
    public static JsonNode Apply(JsonNode target, JsonArray operations)
    {
        if (operations.Count > MaxOperations)
        {
            throw new ApiStatusException(
                413,
                "RequestEntityTooLarge",
                $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}");
        }

        var document = target.DeepClone();
        var copied = 0L;
        foreach (var operation in operations)
        {
            if (operation is not JsonObject fields)
            {
                throw PatchErrors.BadRequest(
                    $"error decoding patch: json: cannot unmarshal {GoText.JsonKind(operation)} into Go value of type "
                    + $"handlers.jsonPatchOp");
            }

            document = ApplyOne(document, fields, ref copied);
        }

        return document;
    }

    private static JsonNode ApplyOne(JsonNode document, JsonObject operation, ref long copied)
    {
        var kind = operation.Text("op");
        switch (kind)
        {
            case "add":
                Add(kind, document, Path(operation, kind), operation["value"]?.DeepClone());
                return document;
            case "remove":
                Remove(kind, document, Path(operation, kind));
                return document;
            case "replace":
                return Replace(document, Path(operation, kind), operation["value"]);
            case "test":
                Test(document, Path(operation, kind), operation["value"]);
                return document;
            case "move":
                Add(kind, document, Path(operation, kind), Remove(kind, document, Path(operation, kind, "from")));
                return document;
            case "copy":
                var source = Value(kind, Resolve(kind, document, Path(operation, kind, "from")));
                copied += JsonExtent.SizeOf(source);
                Add(kind, document, Path(operation, kind), copied <= MaxCopied
                    ? source?.DeepClone()
                    : throw TooMuchCopied(copied));
                return document;
            default:
                throw PatchErrors.DoesNotApply($"Unexpected kind: {kind ?? "unknown"}");
        }
    }

    private static string Path(JsonObject operation, string kind, string field = "path") =>
        operation.Text(field)
        ?? throw PatchErrors.DoesNotApply($"{kind} operation failed to decode {field}: missing value");

    private static JsonPointer Resolve(string kind, JsonNode document, string path) =>
        JsonPointer.TryResolve(document, path, out var place)
            ? place.Value
            : throw PatchErrors.DoesNotApply(
                $"{kind} operation does not apply: doc is missing path: \"{path}\": missing value");

    private static JsonNode? Value(string kind, JsonPointer place) =>
        place.TryGet(out var value) ? value : throw InvalidIndex(kind, place);

    private static ApiStatusException InvalidIndex(string kind, JsonPointer place) =>
        PatchErrors.DoesNotApply(
            $"error in {kind}: Unable to access invalid index: {place.Key}: invalid index referenced");

    private static ApiStatusException TooMuchCopied(long copied) => PatchErrors.DoesNotApply(
        $"Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit "
        + $"{MaxCopied}");

    /// <summary>
    /// A patch of shallow values can still add levels, through paths into values that it added before.
    /// </summary>
    private static void RefuseDepth(string path, JsonNode? value)
    {
        if (JsonExtent.IsDeeperThan(value, JsonParser.MaxDepth - path.AsSpan().Count('/')))
        {
            throw PatchErrors.DoesNotApply($"the value is nested deeper than {JsonParser.MaxDepth} levels");
        }
    }

    private static void Add(string kind, JsonNode document, string path, JsonNode? value)
    {
        RefuseDepth(path, value);
        var place = Resolve(kind, document, path);
        switch (place.Container)
        {
            case JsonObject map:
                map[place.Key] = value;
                break;
            case JsonArray list when place.Key == "-":
                list.Add(value);
                break;
            case JsonArray list:
                // A negative index counts from the end of the list after the insertion.
                if (!place.TryIndex(list.Count + 1, out var index) || index > list.Count)
                {
                    throw InvalidIndex(kind, place);
                }

                list.Insert(index, value);
                break;
        }
    }

    private static JsonNode? Remove(string kind, JsonNode document, string path)
    {
        var place = Resolve(kind, document, path);
        if (!place.Exists())
        {
            throw place.Container is JsonObject
                ? PatchErrors.DoesNotApply(
                    $"error in {kind} for path: '{path}': Unable to remove nonexistent key: {place.Key}: missing value")
                : InvalidIndex(kind, place);
        }

        place.TryGet(out var value);
        switch (place.Container)
        {
            case JsonObject map:
                map.Remove(place.Key);
                break;
            case JsonArray list when place.TryIndex(list.Count, out var index):
                list.RemoveAt(index);
                break;
        }

        return value;
    }

    private static JsonNode Replace(JsonNode document, string path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value is JsonObject or JsonArray
                ? value.DeepClone()
                : throw PatchErrors.DoesNotApply("replace operation value must be object or array");
        }

        RefuseDepth(path, value);
        var place = Resolve("replace", document, path);
        _ = Value("replace", place);
        switch (place.Container)
        {
            case JsonObject map:
                map[place.Key] = value?.DeepClone();
                break;
            case JsonArray list when place.TryIndex(list.Count, out var index):
                list[index] = value?.DeepClone();
                break;
        }

        return document;
    }

    private static void Test(JsonNode document, string path, JsonNode? expected)
    {
        var actual = path.Length == 0 ? document : Value("test", Resolve("test", document, path));
        if (!JsonNode.DeepEquals(actual, expected))
        {
            throw PatchErrors.DoesNotApply($"testing value {path} failed: test failed");
        }
    }
}

/// <summary>A resolved JSON pointer (RFC 6901): the container and the last reference token.</summary>
internal readonly record struct JsonPointer(JsonNode Container, string Key)
{
    /// <summary>False if the pointer refers to the document itself or passes through a missing value.</summary>
    public static bool TryResolve(JsonNode document, string path, [NotNullWhen(true)] out JsonPointer? place)
    {
        place = null;
        var tokens = path.Split('/');
        if (tokens.Length < 2)
        {
            return false;
        }

        var container = document;
        foreach (var token in tokens.AsSpan(1, tokens.Length - 2))
        {
            if (!new JsonPointer(container, Unescape(token)).TryGet(out var next)
                || next is not (JsonObject or JsonArray))
            {
                return false;
            }

            container = next;
        }

        place = new(container, Unescape(tokens[^1]));
        return true;
    }

    /// <summary>The value at this location. An absent member reads as null; an index out of range is refused.</summary>
    public bool TryGet(out JsonNode? value)
    {
        switch (Container)
        {
            case JsonObject map:
                value = map[Key];
                return true;
            case JsonArray list when TryIndex(list.Count, out var index) && index < list.Count:
                value = list[index];
                return true;
            default:
                value = null;
                return false;
        }
    }

    /// <summary>Whether a value exists at this location.</summary>
    public bool Exists() => Container is JsonObject map ? map.ContainsKey(Key) : TryGet(out _);

    /// <summary>
    /// The token as an index into a list of the given length, which is itself a valid index. Negative indexes count
    /// from the end, an extension of the API server's library that clients use.
    /// </summary>
    public bool TryIndex(int length, out int index) =>
        int.TryParse(Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index)
        && (index >= 0 || (index += length) >= 0);

    /// <summary>Replaces <c>~1</c> before <c>~0</c>, so that <c>~01</c> becomes <c>~1</c> instead of a slash.</summary>
    private static string Unescape(string token) =>
        token.Contains('~', StringComparison.Ordinal)
            ? token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
            : token;
}
