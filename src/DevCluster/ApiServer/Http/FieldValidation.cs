using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Validation;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Implements <c>fieldValidation</c>: ignores, warns about or refuses unknown and duplicate fields, which are always
/// dropped.
/// </summary>
internal static class FieldValidation
{
    /// <summary>Prunes a complete object, and warns or refuses as requested.</summary>
    /// <exception cref="ApiStatusException">400.</exception>
    public static void Apply(ResourceRequest request, ParsedBody body)
    {
        RequireTypes(request.Definition, body, why => ApiErrors.BadRequest(CannotHandle(request.Definition, why)));
        Judge(
            request,
            Findings(request.Definition, body),
            why => ApiErrors.BadRequest(CannotHandle(request.Definition, why)));
    }

    /// <summary>Prunes the result of a patch; here the API reports the patch as invalid.</summary>
    /// <exception cref="ApiStatusException">422.</exception>
    public static void ApplyToPatched(ResourceRequest request, ParsedBody patched)
    {
        var sent = patched.Content.ToJsonString(RelaxedJson.Options);
        ApiStatusException Refuse(string why) =>
            ApiErrors.Invalid(
                "", "", "", FieldErrors.InvalidShown(FieldPath.At("patch"), Quote(sent), why));
        RequireTypes(request.Definition, patched, Refuse);
        Judge(request, Findings(request.Definition, patched), Refuse);
    }

    /// <summary>Server-side apply refuses unknown fields in every mode, because they cannot have an owner.</summary>
    /// <exception cref="ApiStatusException">500, as in the real API.</exception>
    public static void ApplyToConfiguration(ResourceRequest request, ParsedBody applied)
    {
        RequireTypes(request.Definition, applied, why => ApiErrors.BadRequest(CannotHandle(request.Definition, why)));
        if (SchemaPruner.Prune(applied.Content, request.Definition.Schema)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault() is { } unknown)
        {
            throw new ApiStatusException(
                500,
                "",
                $"failed to create typed patch object ({request.Namespace}/{request.Name}; "
                + $"{(request.Definition.Id.Group.Length == 0 ? "/" : "")}{request.Definition.ApiVersion}, "
                    + $"Kind={request.Definition.Kind}): "
                + $".{unknown}: field not declared in schema");
        }

        Judge(
            request,
            [.. applied.Duplicates.Select(path => $"duplicate field \"{path}\"")],
            why => ApiErrors.BadRequest($"error decoding: {why}"));
    }

    private static void RequireTypes(
        ResourceDefinition definition, ParsedBody body, Func<string, ApiStatusException> refuse)
    {
        var mismatch = definition.IsCustom
            ? MetadataMismatch(definition, body)
            : WireTypes.Mismatch(body.Content, definition.Schema, definition.Kind);
        if (mismatch is not null)
        {
            throw refuse(mismatch);
        }
    }

    private static string? MetadataMismatch(ResourceDefinition definition, ParsedBody body) =>
        body.Content["metadata"] is System.Text.Json.Nodes.JsonObject metadata
        && definition.Schema.Properties.TryGetValue("metadata", out var schema)
            ? WireTypes.Mismatch(metadata, schema, "ObjectMeta")
            : null;

    // In the real API the order differs between built-in and custom kinds.
    private static List<string> Findings(ResourceDefinition definition, ParsedBody body)
    {
        var unknown = SchemaPruner.Prune(body.Content, definition.Schema)
            .Order(StringComparer.Ordinal)
            .Select(path => $"unknown field \"{path}\"");
        var duplicate = body.Duplicates.Select(path => $"duplicate field \"{path}\"");
        return [.. definition.IsCustom ? duplicate.Concat(unknown) : unknown.Concat(duplicate)];
    }

    private static void Judge(ResourceRequest request, List<string> findings, Func<string, ApiStatusException> refuse)
    {
        var mode = request.Query["fieldValidation"].ToString();
        switch (mode)
        {
            case "Strict" when findings.Count > 0:
                throw refuse($"strict decoding error: {string.Join(", ", findings)}");
            case "Warn" or "":
                findings.ForEach(request.Http.Warn);
                break;
            case "Strict" or "Ignore":
                break;
            default:
                throw ApiErrors.Invalid(
                    "meta.k8s.io",
                    request.Info.Verb switch
                    {
                        "create" =>
                        "CreateOptions",
                        "patch" => "PatchOptions",
                        _ => "UpdateOptions"
                    },
                    "",
                    FieldErrors.NotSupported(
                        FieldPath.At("fieldValidation"), mode, ["", "Ignore", "Strict", "Warn"]));
        }
    }

    private static string CannotHandle(ResourceDefinition definition, string why) =>
        $"{definition.Kind} in version \"{definition.Version}\" cannot be handled as a {definition.Kind}: {why}";

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text, RelaxedJson.Options);

}
