using System.Text.Json;

namespace Dynospace.Planning.Gateways;

/// <summary>
/// Reads the status of kinds that other programs write: whatever is not there, or is of another type, says nothing.
/// </summary>
internal static class StatusReader
{
    public static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    public static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A condition's reason and message.</summary>
    public static string Explain(JsonElement condition) => $"{Text(condition, "reason")}: {Text(condition, "message")}";

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;
}
