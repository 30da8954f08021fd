// Errors: API errors and validation findings in the words of the real API.

using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;

namespace DevCluster.Schema.Errors;

/// <summary>The errors of the API, in the real API's words, because clients match on them.</summary>
public static class ApiErrors
{
    public static ApiStatusException NotFound(ResourceId resource, string name) =>
        new(404, "NotFound", $"{resource} \"{name}\" not found", Details(resource, name));

    public static ApiStatusException UnknownResource() =>
        new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiStatusException AlreadyExists(ResourceId resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists", Details(resource, name));

    public static ApiStatusException Conflict(ResourceId resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {why}", Details(resource, name));

    public static ApiStatusException Modified(ResourceId resource, string name) =>
        Conflict(
            resource,
            name,
            "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiStatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiStatusException Forbidden(ResourceId resource, string name, string why) =>
        new(403, "Forbidden", $"{resource} \"{name}\" is forbidden: {why}", Details(resource, name));

    public static ApiStatusException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiStatusException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiStatusException UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    public static ApiStatusException Expired(string message) => new(410, "Expired", message);

    /// <summary>A watch or list starts from a revision that is no longer in the history.</summary>
    public static ApiStatusException TooOld(long requested, long oldest) =>
        Expired(string.Create(CultureInfo.InvariantCulture, $"too old resource version: {requested} ({oldest})"));

    public static ApiStatusException TooLarge(long requested, long current) => new(
        504,
        "Timeout",
        string.Create(
            CultureInfo.InvariantCulture, $"Timeout: Too large resource version: {requested}, current: {current}"),
        new JsonObject
        {
            ["causes"] = new JsonArray(
                new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        });

    /// <summary>422 with one cause for each finding; the message lists identical findings once.</summary>
    public static ApiStatusException Invalid(
        string group, string kind, string name, params IReadOnlyList<FieldError> errors)
    {
        var texts = errors.Select(error => $"{error.Field}: {error.Message}").Distinct().ToList();
        var details = new JsonObject();
        Set(details, "name", name);
        Set(details, "group", group);
        Set(details, "kind", kind);
        details["causes"] = new JsonArray([.. errors.Select(Cause)]);
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        var text = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        return new ApiStatusException(422, "Invalid", $"{qualified} \"{name}\" is invalid: {text}", details);
    }

    private static JsonObject Cause(FieldError error) =>
        new() { ["reason"] = error.Reason, ["message"] = error.Message, ["field"] = error.Field };

    private static JsonObject Details(ResourceId resource, string name)
    {
        var details = new JsonObject();
        Set(details, "name", name);
        Set(details, "group", resource.Group);
        details["kind"] = resource.Plural;
        return details;
    }

    private static void Set(JsonObject details, string key, string value)
    {
        if (value.Length > 0)
        {
            details[key] = value;
        }
    }
}

/// <summary>An API error, sent as a <c>Status</c> object with the reason and code of the real API.</summary>
public sealed class ApiStatusException(
    int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Code { get; } = code;

    /// <summary>The machine-readable reason: <c>NotFound</c>, <c>Invalid</c>, <c>Conflict</c>, ...</summary>
    public string Reason { get; } = reason;

    /// <summary><c>status.details</c>: group, kind, name, uid, causes, retryAfterSeconds.</summary>
    public JsonObject? Details { get; } = details;
}
