using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Patching;

/// <summary>JSON merge patch (RFC 7386): objects are merged, null removes, and other values replace.</summary>
public static class MergePatch
{
    /// <summary>Returns the patched copy; neither argument is modified.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = target.DeepClone().AsObject();
        Merge(result, patch);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject change && target[name] is JsonObject existing)
            {
                Merge(existing, change);
            }
            else
            {
                target[name] = target[name] is JsonObject ? value.DeepClone() : WithoutNulls(value);
            }
        }
    }

    /// <summary>
    /// Nulls in a value without a counterpart are dropped. The RFC requires this for objects; the API server's library
    /// also does it for objects in lists.
    /// </summary>
    private static JsonNode WithoutNulls(JsonNode value)
    {
        switch (value)
        {
            case JsonObject map:
                var members = new JsonObject();
                Merge(members, map);
                return members;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : WithoutNulls(item))]);
            default:
                return value.DeepClone();
        }
    }
}

/// <summary>The API's errors for patches.</summary>
internal static class PatchErrors
{
    public static ApiStatusException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>
    /// A JSON patch does not apply. The API returns the same message in all cases; the reason is in a cause, which
    /// kubectl shows.
    /// </summary>
    public static ApiStatusException DoesNotApply(string cause) => new(
        422,
        "Invalid",
        "the server rejected our request due to an error in our request",
        new JsonObject
        {
            ["causes"] = new JsonArray(
                new JsonObject { ["reason"] = "FieldValueInvalid", ["message"] = cause, ["field"] = "patch" }),
        });

    /// <summary>
    /// A strategic merge patch contradicts itself or the object: an error without a reason, as upstream.
    /// </summary>
    public static ApiStatusException Internal(string message) => new(500, "", message);

    public static ApiStatusException NoMergeKey(JsonObject item, string key) =>
        Internal($"map: {GoText.Print(item)} does not contain declared merge key: {key}");

    public static ApiStatusException UnknownDirective(JsonNode? directive, JsonObject map) =>
        Internal($"unknown patch type: {GoText.Print(directive)} in map: {GoText.Print(map)}");

    public static ApiStatusException ExpectedList(JsonNode? actual) =>
        Internal($"expected a []interface {{}}, but received a {GoText.TypeName(actual)}");
}
