using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Crds;

/// <summary>Validates x-kubernetes-list-type, list-map-keys and map-type.</summary>
internal static class ListTypeRules
{
    private static readonly string[] MapTypes = ["atomic", "granular"];

    private static readonly string[] ListTypes = ["atomic", "set", "map"];

    public static void Validate(JsonObject schema, FieldPath path, List<FieldError> errors)
    {
        CheckCarrier(schema, "x-kubernetes-map-type", "object", path, errors);
        if (schema.Text("x-kubernetes-map-type") is { } mapType && !MapTypes.Contains(mapType))
        {
            errors.Add(FieldErrors.NotSupported(path["x-kubernetes-map-type"], mapType, MapTypes));
        }

        var listType = schema.Text("x-kubernetes-list-type");
        CheckCarrier(schema, "x-kubernetes-list-type", "array", path, errors);
        var items = schema["items"] as JsonObject;
        if (listType == "set" && schema.TextOrEmpty("type") == "array" && items is not null)
        {
            CheckSetItems(items, path["items"], errors);
        }

        if (listType is not null && !ListTypes.Contains(listType))
        {
            errors.Add(FieldErrors.NotSupported(path["x-kubernetes-list-type"], listType, ListTypes));
        }

        CheckKeysNeedMap(schema, listType, path, errors);
        if (listType == "map")
        {
            CheckMap(schema, items, path, errors);
        }

        if (listType is "set" or "map" && items is not null)
        {
            CheckItems(schema, listType, items, path["items"], errors);
        }
    }

    private static void CheckCarrier(
        JsonObject schema, string keyword, string type, FieldPath path, List<FieldError> errors)
    {
        if (schema[keyword] is null || schema.TextOrEmpty("type") == type)
        {
            return;
        }

        var detail = $"must be {type} if {keyword} is specified";
        errors.Add(schema.TextOrEmpty("type").Length == 0
            ? FieldErrors.Required(path["type"], detail)
            : FieldErrors.Invalid(path["type"], schema.TextOrEmpty("type"), detail));
    }

    /// <summary>Items of a set are compared as a whole, so each must have one owner.</summary>
    private static void CheckSetItems(JsonObject items, FieldPath path, List<FieldError> errors)
    {
        const string detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        var listType = items.Text("x-kubernetes-list-type");
        if (items.TextOrEmpty("type") == "array" && listType is not (null or "atomic"))
        {
            errors.Add(FieldErrors.Invalid(path["x-kubernetes-list-type"], listType, detail));
        }

        if (items.TextOrEmpty("type") == "object" && items.TextOrEmpty("x-kubernetes-map-type") != "atomic")
        {
            errors.Add(FieldErrors.Invalid(path["x-kubernetes-map-type"], listType, detail));
        }
    }

    private static void CheckKeysNeedMap(JsonObject schema, string? listType, FieldPath path, List<FieldError> errors)
    {
        if (schema.Texts("x-kubernetes-list-map-keys").Count > 0 && listType != "map")
        {
            const string detail = "must be map if x-kubernetes-list-map-keys is non-empty";
            var at = path["x-kubernetes-list-type"];
            errors.Add(listType is null ? FieldErrors.Required(at, detail) : FieldErrors.Invalid(at, listType, detail));
        }
    }

    private static void CheckMap(JsonObject schema, JsonObject? items, FieldPath path, List<FieldError> errors)
    {
        var keys = schema.Texts("x-kubernetes-list-map-keys");
        var at = path["x-kubernetes-list-map-keys"];
        if (keys.Count == 0)
        {
            errors.Add(FieldErrors.Required(at, "must not be empty if x-kubernetes-list-type is map"));
        }

        if (items is null)
        {
            errors.Add(FieldErrors.Required(path["items"], "must have a schema if x-kubernetes-list-type is map"));
            return;
        }

        if (items.TextOrEmpty("type") != "object")
        {
            errors.Add(
                FieldErrors.Invalid(
                    path["items"]["type"],
                    items.TextOrEmpty("type"),
                    "must be object if parent array's x-kubernetes-list-type is map"));
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            var property = items["properties"]?[key] as JsonObject;
            if (property is null)
            {
                errors.Add(
                    FieldErrors.Invalid(
                        at, schema["x-kubernetes-list-map-keys"], "entries must all be names of item properties"));
            }
            else if (property.TextOrEmpty("type") is "array" or "object")
            {
                errors.Add(FieldErrors.Invalid(
                    path["items"]["properties"].Key(key)["type"],
                    items.TextOrEmpty("type"),
                    "must be a scalar type if parent array's x-kubernetes-list-type is map"));
            }

            if (!seen.Add(key))
            {
                errors.Add(
                    FieldErrors.Invalid(
                        at, schema["x-kubernetes-list-map-keys"], "must not contain duplicate entries"));
            }
        }
    }

    private static void CheckItems(
        JsonObject schema, string listType, JsonObject items, FieldPath path, List<FieldError> errors)
    {
        if (items.IsTrue("nullable"))
        {
            errors.Add(
                FieldErrors.Forbidden(
                    path["nullable"], $"cannot be nullable when x-kubernetes-list-type is {listType}"));
        }

        if (listType != "map")
        {
            return;
        }

        var required = items.Texts("required");
        foreach (var key in schema.Texts("x-kubernetes-list-map-keys"))
        {
            if (items["properties"]?[key] is not JsonObject property)
            {
                continue;
            }

            var at = path["properties"].Key(key);
            if (!required.Contains(key) && property["default"] is null)
            {
                errors.Add(
                    FieldErrors.Required(
                        at["default"],
                        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required "
                        + "property"));
            }

            if (property.IsTrue("nullable"))
            {
                errors.Add(
                    FieldErrors.Forbidden(
                        at["nullable"], "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
            }
        }
    }
}
