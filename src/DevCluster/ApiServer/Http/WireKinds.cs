using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>Checks that an object is of the kind and version that the path serves.</summary>
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

    // Built-in kinds may leave out what the path says already.
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
                FieldErrors.Invalid(FieldPath.Of("kind"), kind, $"must be {definition.Kind}"));
        }
    }
}
