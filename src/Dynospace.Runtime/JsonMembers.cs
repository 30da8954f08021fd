using System.Text.Json;

namespace Dynospace.Runtime;

/// <summary>Reads members of JSON whose shape nobody promises.</summary>
internal static class JsonMembers
{
    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    public static JsonElement? Child(JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : null;

    public static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Child(element, name, JsonValueKind.Array) is { } array ? array.EnumerateArray() : [];

    public static int? Number(JsonElement element, string name) =>
        Child(element, name, JsonValueKind.Number) is { } number && number.TryGetInt32(out var value) ? value : null;
}
