using System.Text.Json;

namespace Dynospace.Planning.Gateways;

/// <summary>Reads status that other programs write. A member that is missing or of another type is ignored.</summary>
public static class StatusReader
{
    /// <summary>The elements of an array; none if the member is missing or of another kind.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>A member that is a string; null if it is missing or of another kind.</summary>
    public static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A condition's reason and message.</summary>
    public static string Explain(JsonElement condition) => $"{Text(condition, "reason")}: {Text(condition, "message")}";

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;
}
