using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Structural;

namespace DevCluster.ApiServer.Http;

/// <summary>Converts received objects into the form that typed clients and the store use.</summary>
internal static class WireObjects
{
    /// <summary>Drops nulls, which mean "not set", and merges a Secret's stringData into data.</summary>
    public static void Normalize(ResourceDefinition definition, JsonObject content)
    {
        NullFields.Drop(definition, content);
        if (definition.Id is { Group: "", Plural: "secrets" } && content.Remove("stringData", out var strings))
        {
            MergeStrings(content, strings as JsonObject);
        }
    }

    /// <summary>Requires that the namespace matches the path, or sets it if omitted.</summary>
    public static void SetNamespace(ResourceRequest request, JsonObject content)
    {
        var own = content.MetadataText("namespace");
        if (own is not null && own != (request.Namespace ?? ""))
        {
            throw ApiErrors.BadRequest(request.Namespace is null
                ? "namespace should not be set on cluster-scoped objects"
                : "the namespace of the provided object does not match the namespace sent on the request");
        }

        if (request.Namespace is not null)
        {
            content.Metadata()["namespace"] = request.Namespace;
        }
    }

    /// <summary>Requires that the name matches the path, or sets it if omitted.</summary>
    public static void SetName(ResourceRequest request, JsonObject content)
    {
        var own = content.MetadataText("name");
        if (own is not null && own != request.Name)
        {
            throw ApiErrors.BadRequest(
                $"the name of the object ({own}) does not match the name on the URL ({request.Name})");
        }

        content.Metadata()["name"] = request.Name;
    }

    private static void MergeStrings(JsonObject content, JsonObject? strings)
    {
        foreach (var (key, value) in strings ?? [])
        {
            if (content["data"] is not JsonObject data)
            {
                content["data"] = data = [];
            }

            data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes((string?)value ?? ""));
        }
    }
}

/// <summary>Checks that an object has the kind and version of the path.</summary>
internal static class WireKinds
{
    private const int QuotedLength = 32;

    public static void Require(ResourceDefinition definition, JsonObject content)
    {
        if (definition.IsCustom)
        {
            RequireCustom(definition, content);
        }
        else
        {
            RequireBuiltIn(definition, content);
        }
    }

    // Built-in kinds may omit apiVersion and kind, which follow from the path.
    private static void RequireBuiltIn(ResourceDefinition definition, JsonObject content)
    {
        var apiVersion = content.NonEmpty("apiVersion") ?? definition.ApiVersion;
        var kind = content.NonEmpty("kind") ?? definition.Kind;
        if (apiVersion == definition.ApiVersion && kind == definition.Kind)
        {
            return;
        }

        var why = apiVersion == definition.ApiVersion
            ? $"it is of kind {kind}"
            : $"no kind \"{kind}\" is registered for version \"{apiVersion}\"";
        throw ApiErrors.BadRequest(
            $"{kind} in version \"{apiVersion.Split('/')[^1]}\" cannot be handled as a {definition.Kind}: {why}");
    }

    private static void RequireCustom(ResourceDefinition definition, JsonObject content)
    {
        if (content.NonEmpty("kind") is not { } kind || content.NonEmpty("apiVersion") is not { } apiVersion)
        {
            var missing = content.NonEmpty("kind") is null ? "Kind" : "apiVersion";
            var sent = content.ToJsonString(RelaxedJson.Options);
            throw ApiErrors.BadRequest(
                $"the object provided is unrecognized (must be of type {definition.Kind}): Object '{missing}' is "
                + $"missing in '{sent}' "
                + $"({(sent.Length > QuotedLength ? sent[..QuotedLength] + " ..." : sent)})");
        }

        if (apiVersion != definition.ApiVersion)
        {
            throw ApiErrors.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version "
                + $"({definition.ApiVersion})");
        }

        if (kind != definition.Kind)
        {
            throw ApiErrors.Invalid(
                definition.Id.Group,
                kind,
                content.MetadataText("name") ?? "",
                FieldErrors.Invalid(FieldPath.At("kind"), kind, $"must be {definition.Kind}"));
        }
    }
}

/// <summary>
/// Finds values of the wrong JSON type in built-in kinds. A typed server fails to decode them, with an error of Go's
/// JSON package, before any validation. Custom resources are untyped there, and only their schema refuses them.
/// </summary>
internal static class WireTypes
{
    /// <summary>The error of Go's JSON package for the first mismatch; null if there is none.</summary>
    public static string? Mismatch(JsonObject content, TypeSchema schema, string kind) =>
        InFields(content, schema, kind, "");

    private static string? InFields(JsonObject map, TypeSchema schema, string owner, string path)
    {
        foreach (var (key, value) in map)
        {
            if (value is not null
                && schema.Properties.TryGetValue(key, out var field)
                && Check(value, field, owner, path.Length == 0 ? key : $"{path}.{key}") is { } mismatch)
            {
                return mismatch;
            }
        }

        return null;
    }

    private static string? Check(JsonNode value, TypeSchema schema, string owner, string path)
    {
        if (schema.Definition == WellKnownDefinitions.Quantity)
        {
            return value.Text() is { } text ? Quantity.Problem(text.Trim(), out _) : null;
        }

        if (schema.IsIntOrString || schema.PreserveUnknownFields || schema.Type.Length == 0)
        {
            return null;
        }

        return value switch
        {
            JsonObject map when schema.Type == "object" && schema.AdditionalProperties is { } values =>
                map.Select(entry => entry.Value is null ? null : Check(entry.Value, values, owner, path))
                    .FirstOrDefault(found => found is not null),
            JsonObject map when schema.Type == "object" => InFields(map, schema, Short(schema) ?? owner, path),
            JsonArray list when schema.Type == "array" =>
                list.Select(item => item is null || schema.Items is null
                    ? null
                    : Check(item, schema.Items, owner, path))
                    .FirstOrDefault(found => found is not null),
            JsonValue scalar when Fits(scalar, schema) =>
                schema is { Type: "string", Format: "byte" } ? Base64.Problem(scalar.TextOrEmpty()) : null,
            _ => $"json: cannot unmarshal {Describe(value, schema)} into Go struct field {owner}.{path} of type "
                + $"{GoType(schema)}",
        };
    }

    private static bool Fits(JsonValue value, TypeSchema schema) => (schema.Type, value.GetValueKind()) switch
    {
        ("string", JsonValueKind.String) or ("number", JsonValueKind.Number)
            or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => value.TryGetValue<long>(out _) || value.TryGetValue<int>(out _),

        // Types with a custom JSON form (quantities) accept more than their schema allows.
        ("string", JsonValueKind.Number) => schema.Definition is not null,
        _ => false,
    };

    private static string Describe(JsonNode value, TypeSchema schema) => value switch
    {
        JsonObject => "object",
        JsonArray => "array",
        _ when value.GetValueKind() == JsonValueKind.Number =>
            schema.Type == "integer" ? $"number {value.ToJsonString()}" : "number",
        _ => value.GetValueKind() == JsonValueKind.String ? "string" : "bool",
    };

    private static string GoType(TypeSchema schema) => schema.Type switch
    {
        "integer" => schema.Format ?? "int64",
        "boolean" => "bool",
        "number" => "float64",
        "array" => "[]" + (schema.Items is null ? "string" : GoType(schema.Items)),
        "object" when schema.AdditionalProperties is { } values => $"map[string]{GoType(values)}",
        "object" => "v1." + (Short(schema) ?? "Object"),
        _ => "string",
    };

    private static string? Short(TypeSchema schema) => schema.Definition?.Split('.')[^1];
}

/// <summary>Decodes base64 as Go does.</summary>
internal static class Base64
{
    private const int Quantum = 4;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n");

    /// <summary>The position of the first invalid base64 input; null if valid. Line breaks are ignored.</summary>
    public static string? Problem(string text)
    {
        if (Convert.TryFromBase64String(text, new byte[text.Length], out _))
        {
            return null;
        }

        var index = text.AsSpan().IndexOfAnyExcept(Alphabet);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"illegal base64 data at input byte {(index < 0 ? text.Length / Quantum * Quantum : index)}");
    }
}
