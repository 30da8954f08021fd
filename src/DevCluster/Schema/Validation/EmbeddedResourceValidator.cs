using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Checks that embedded resources of a schema have a type and a valid name.</summary>
internal static class EmbeddedResourceValidator
{
    private static readonly string[] TypeMeta = ["apiVersion", "kind"];

    public static void Validate(JsonNode value, TypeSchema schema, FieldPath path, List<FieldError> errors)
    {
        if (schema.IsEmbeddedResource && value is JsonObject resource)
        {
            CheckResource(resource, path, errors);
        }

        SchemaWalk.VisitChildren(value, schema, path, errors, Validate);
    }

    private static void CheckResource(JsonObject resource, FieldPath path, List<FieldError> errors)
    {
        foreach (var field in TypeMeta.Where(field => !resource.ContainsKey(field)))
        {
            errors.Add(FieldErrors.Required(path[field]));
        }

        CheckApiVersion(resource, path["apiVersion"], errors);
        CheckKind(resource, path["kind"], errors);
        if (resource["metadata"] is JsonObject metadata)
        {
            CheckMetadata(metadata, path["metadata"], errors);
        }
    }

    private static void CheckApiVersion(JsonObject resource, FieldPath path, List<FieldError> errors)
    {
        if (resource.Text("apiVersion") is { } version)
        {
            if (version.Length == 0)
            {
                errors.Add(FieldErrors.Invalid(path, version, "must not be empty"));
            }
            else if (version.Count(character => character == '/') > 1)
            {
                errors.Add(FieldErrors.Invalid(path, version, $"unexpected GroupVersion string: {version}"));
            }
        }
    }

    private static void CheckKind(JsonObject resource, FieldPath path, List<FieldError> errors)
    {
        if (resource.Text("kind") is { } kind)
        {
            if (kind.Length == 0)
            {
                errors.Add(FieldErrors.Invalid(path, kind, "must not be empty"));
            }
            else if (NameFormats.Label1035(kind.ToLowerInvariant()) is { Count: > 0 } problems)
            {
                errors.Add(
                    FieldErrors.Invalid(
                        path, kind, $"may have mixed case, but should otherwise match: {string.Join(',', problems)}"));
            }
        }
    }

    private static void CheckMetadata(JsonObject metadata, FieldPath path, List<FieldError> errors)
    {
        if (metadata.Text("name") is { Length: > 0 } name)
        {
            var problem = name is "." or ".." ? $"may not be '{name}'"
                : name.FirstOrDefault(character => character is '/' or '%') is not '\0' and var bad
                    ? $"may not contain '{bad}'"
                    : null;
            if (problem is not null)
            {
                errors.Add(FieldErrors.Invalid(path["name"], name, problem));
            }
        }

        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            errors.AddRange(
                NameFormats.QualifiedName(key).Select(problem => FieldErrors.Invalid(path["labels"], key, problem)));
            errors.AddRange(
                NameFormats.LabelValue(value.Text() ?? "")
                    .Select(problem => FieldErrors.Invalid(path["labels"], value?.DeepClone(), problem)));
        }

        foreach (var (key, _) in metadata["annotations"] as JsonObject ?? [])
        {
            errors.AddRange(
                NameFormats.QualifiedName(key.ToLowerInvariant())
                    .Select(problem => FieldErrors.Invalid(path["annotations"], key, problem)));
        }
    }
}
