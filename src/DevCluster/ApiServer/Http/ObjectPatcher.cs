using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Patching;
using DevCluster.Schema.Resources;
using DevCluster.Schema.ServerSideApply;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Yaml;

namespace DevCluster.ApiServer.Http;

/// <summary>Handles all four patch types.</summary>
internal sealed class ObjectPatcher(
    ResourceRegistry registry, ResourceCatalog catalog, WriteGuard guard, TimeProvider clock)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergePatchType = "application/merge-patch+json";
    private const string StrategicPatchType = "application/strategic-merge-patch+json";
    private const string ApplyPatchType = "application/apply-patch+yaml";

    public async Task PatchAsync(ResourceRequest request)
    {
        var presenter = ObjectPresenter.For(request, clock);
        var type = RequestBody.MediaType(request.Http);
        RequireType(request, type);
        var body = await RequestBody.ReadAsync(request.Http, request.Aborted);
        var result = type == ApplyPatchType ? Apply(request, body) : Modify(request, type, body);
        await request.Http.WriteBytesAsync(result.Created ? 201 : 200, presenter.One(result.Object));
    }

    private static void RequireType(ResourceRequest request, string type)
    {
        if (type is not (JsonPatchType or MergePatchType or StrategicPatchType or ApplyPatchType)
            || (type == StrategicPatchType && request.Definition.IsCustom))
        {
            throw new ApiStatusException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                + $"{JsonPatchType}, {MergePatchType}, "
                    + $"{(request.Definition.IsCustom ? "" : StrategicPatchType + ", ")}{ApplyPatchType}",
                []);
        }

        if (type != ApplyPatchType && request.Query.ContainsKey("force"))
        {
            throw OptionsInvalid(
                FieldErrors.Forbidden(FieldPath.At("force"), "may not be specified for non-apply patch"));
        }
    }

    private WriteResult Modify(ResourceRequest request, string type, byte[] body)
    {
        var patch = PatchBody.Parse(body);
        var stored = Stored(request);
        JsonObject Next(JsonObject? old)
        {
            var current = VersionConversion.Convert(old!.DeepClone().AsObject(), request.Definition);
            var patched = patch.ApplyTo(current, type, request.Definition.Schema);
            WireObjects.SetName(request, patched);
            WireObjects.SetNamespace(request, patched);
            FieldValidation.ApplyToPatched(request, new ParsedBody(patched, patch.Duplicates));
            WireObjects.Normalize(request.Definition, patched);
            var wanted = VersionConversion.Convert(patched, stored);
            guard.Check(request, wanted, old);
            return wanted;
        }

        var options = request.WriteOptions with { Data = new SentData(null, KeepsOrder: type != StrategicPatchType) };
        return registry.Write(new WriteRequest(stored, request.Namespace, request.Name, options, Next)
        {
            OnWarning = request.Http.Warn,
        });
    }

    private WriteResult Apply(ResourceRequest request, byte[] body)
    {
        if (request.Query["fieldManager"].ToString().Length == 0)
        {
            throw OptionsInvalid(
                FieldErrors.Required(FieldPath.At("fieldManager"), "is required for apply patch"));
        }

        var parsed = RequestBody.ParseYaml(body, request.Definition.Kind);
        RequireApplicable(request, parsed);
        var force = request.Query["force"].ToString() is "true" or "1";
        var stored = Stored(request);
        JsonObject Next(JsonObject? old)
        {
            var live = old is null ? null : VersionConversion.Convert(old.DeepClone().AsObject(), request.Definition);
            var applied = parsed.Content.DeepClone().AsObject();
            if (old is null)
            {
                applied.Metadata().Remove("resourceVersion");
            }

            var merged = FieldOwnership.Apply(
                live,
                applied,
                request.Definition.Schema,
                request.FieldManager,
                request.Info.Subresource,
                force,
                clock.GetUtcNow(),
                request.Definition.HasStatus);
            var wanted = VersionConversion.Convert(merged, stored);
            guard.Check(request, wanted, old);
            return wanted;
        }

        return registry.Write(new WriteRequest(stored, request.Namespace, request.Name, request.WriteOptions, Next)
        {
            OwnsFields = true,
            OnWarning = request.Http.Warn,
            CreatesMissing = request.Info.Subresource is null,
        });
    }

    private static void RequireApplicable(ResourceRequest request, ParsedBody parsed)
    {
        var content = parsed.Content;
        if (content.NonEmpty("kind") is null || content.NonEmpty("apiVersion") is null)
        {
            throw ApiErrors.BadRequest(
                $"invalid object type: {content.NonEmpty("apiVersion") ?? "/"}, Kind={content.NonEmpty("kind")}");
        }

        WireKinds.Require(request.Definition, content);
        if (content["metadata"]?["managedFields"] is JsonArray { Count: > 0 })
        {
            throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        }

        if (content.MetadataText("name") is null)
        {
            throw ApiErrors.BadRequest(
                $"the name of the object ({request.Name} based on URL) was undeterminable: name must be provided");
        }

        WireObjects.SetName(request, content);
        WireObjects.SetNamespace(request, content);
        FieldValidation.ApplyToConfiguration(request, parsed);
        WireObjects.Normalize(request.Definition, content);
    }

    private static ApiStatusException OptionsInvalid(FieldError error) =>
        ApiErrors.Invalid("meta.k8s.io", "PatchOptions", "", error);

    private ResourceDefinition Stored(ResourceRequest request) => catalog.Current.Storage(request.Definition.StorageId);
}

/// <summary>The body of a patch that is not server-side apply.</summary>
internal sealed record PatchBody(JsonNode? Patch, IReadOnlyList<string> Duplicates)
{
    public static PatchBody Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var start = utf8.TrimStart(" \t\r\n"u8);
            var parser = new JsonParser();
            return start.StartsWith("{"u8) || start.StartsWith("["u8)
                ? new PatchBody(parser.Parse(utf8), parser.Duplicates)
                : new PatchBody(YamlReader.ReadFirst(utf8), []);
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            throw ApiErrors.BadRequest($"error decoding patch: {failure.Message}");
        }
    }

    /// <summary>Returns the patched copy of an object.</summary>
    public JsonObject ApplyTo(JsonObject current, string mediaType, TypeSchema schema) => mediaType switch
    {
        "application/json-patch+json" => JsonPatch.Apply(current, Operations()) as JsonObject
            ?? throw ApiErrors.BadRequest("the patch leaves no object"),
        "application/merge-patch+json" => MergePatch.Apply(current, Map()),
        _ => StrategicMergePatch.Apply(current, Map(), schema),
    };

    private JsonArray Operations() =>
        Patch as JsonArray
        ?? throw ApiErrors.BadRequest(
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch");

    private JsonObject Map() =>
        Patch as JsonObject ?? throw ApiErrors.BadRequest("error decoding patch: the patch must be an object");
}
