using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.ServerSideApply;

namespace DevCluster.ApiServer.Http;

/// <summary>Patch of all four types.</summary>
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
                FieldErrors.Forbidden(FieldPath.Of("force"), "may not be specified for non-apply patch"));
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
                FieldErrors.Required(FieldPath.Of("fieldManager"), "is required for apply patch"));
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
