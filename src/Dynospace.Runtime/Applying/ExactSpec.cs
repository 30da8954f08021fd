using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Applying;

/// <summary>
/// Pure: whether the spec of an object that must hold (of a role, its rules) is exactly as desired: nothing is missing,
/// and nothing was added. Absent and empty lists are the same, and so are an absent protocol and TCP; a selector that
/// is absent is not an empty one.
/// </summary>
internal static class ExactSpec
{
    /// <summary>The path of the first difference; null if there is none, and for objects that need not hold.</summary>
    public static string? FirstDifference(PreparedObject prepared, JsonObject live) =>
        prepared.Desired.MustHold
            ? Difference(prepared.Content["spec"], live["spec"], "spec")
                ?? Difference(prepared.Content["rules"], live["rules"], "rules")
            : null;

    private static string? Difference(JsonNode? desired, JsonNode? live, string path) => (desired, live) switch
    {
        (JsonArray or null, JsonArray or null) => OfLists(desired as JsonArray ?? [], live as JsonArray ?? [], path),
        (JsonObject wanted, JsonObject found) => wanted.Select(member => member.Key)
            .Union(found.Select(member => member.Key))
            .Select(name => Difference(Member(wanted, name), Member(found, name), $"{path}.{name}"))
            .FirstOrDefault(difference => difference is not null),
        _ => JsonNode.DeepEquals(desired, live) ? null : path,
    };

    private static string? OfLists(JsonArray desired, JsonArray live, string path) => desired.Count != live.Count
        ? path
        : Enumerable.Range(0, desired.Count)
            .Select(i => Difference(desired[i], live[i], $"{path}[{i}]"))
            .FirstOrDefault(difference => difference is not null);

    private static JsonNode? Member(JsonObject item, string name) =>
        item[name] ?? (name == "protocol" ? JsonValue.Create("TCP") : null);
}
