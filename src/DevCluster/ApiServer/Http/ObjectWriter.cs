using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>Create and update (PUT).</summary>
internal sealed class ObjectWriter(
    ResourceRegistry registry, ResourceCatalog catalog, WriteGuard guard, TimeProvider clock)
{
    public async Task CreateAsync(ResourceRequest request)
    {
        if (request.Definition.IsNamespaced && request.Namespace is null)
        {
            throw ApiErrors.MethodNotAllowed();
        }

        var presenter = ObjectPresenter.For(request, clock);
        var (content, options) = await ReadAsync(request);
        WireObjects.SetNamespace(request, content);
        guard.Check(request, content, old: null);
        var wanted = ToStorage(request, content);
        var created = registry.Create(new WriteRequest(
            Stored(request), request.Namespace, content.MetadataText("name") ?? "", options, _ => wanted)
        {
            OnWarning = request.Http.Warn,
        });
        await request.Http.WriteBytesAsync(201, presenter.One(created.Object));
    }

    public async Task UpdateAsync(ResourceRequest request)
    {
        var presenter = ObjectPresenter.For(request, clock);
        var (content, options) = await ReadAsync(request);
        WireObjects.SetNamespace(request, content);
        WireObjects.SetName(request, content);
        var wanted = ToStorage(request, content);
        JsonObject Next(JsonObject? old)
        {
            RequireVersion(request.Definition, wanted);
            guard.Check(request, wanted, old);
            return wanted;
        }

        var result = registry.Write(new WriteRequest(Stored(request), request.Namespace, request.Name, options, Next)
        {
            OnWarning = request.Http.Warn,
        });
        await request.Http.WriteBytesAsync(200, presenter.One(result.Object));
    }

    private static async Task<(JsonObject Content, WriteOptions Options)> ReadAsync(ResourceRequest request)
    {
        var bytes = await RequestBody.ReadAsync(request.Http, request.Aborted);
        var body = RequestBody.Parse(RequestBody.MediaType(request.Http), bytes, request.Definition.Kind);
        WireKinds.Require(request.Definition, body.Content);
        FieldValidation.Apply(request, body);
        WireObjects.Normalize(request.Definition, body.Content);
        var data = request.Definition.Id == KnownResources.ControllerRevisions ? SentData.FromJson(bytes) : default;
        return (body.Content, request.WriteOptions with { Data = data });
    }

    private ResourceDefinition Stored(ResourceRequest request) => catalog.Current.Storage(request.Definition.StorageId);

    private JsonObject ToStorage(ResourceRequest request, JsonObject content) =>
        VersionConversion.Convert(content, Stored(request));

    // Custom resources do not allow unconditional updates, so that writers cannot overwrite each other unnoticed.
    private static void RequireVersion(ResourceDefinition definition, JsonObject wanted)
    {
        if (definition.IsCustom && wanted.MetadataText("resourceVersion") is null)
        {
            // Here the real API names the resource instead of the kind.
            throw ApiErrors.Invalid(
                definition.Id.Group,
                definition.Id.Plural,
                wanted.MetadataText("name") ?? "",
                FieldErrors.InvalidShown(
                    FieldPath.At("metadata.resourceVersion"), "0", "must be specified for an update"));
        }
    }
}

/// <summary>Builds and sends the API's <c>Status</c> objects.</summary>
internal static class StatusWriter
{
    public static JsonObject Failure(ApiStatusException failure)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = failure.Message,
        };
        if (failure.Reason.Length > 0)
        {
            status["reason"] = failure.Reason;
        }

        if (failure.Details is not null)
        {
            status["details"] = failure.Details.DeepClone();
        }

        status["code"] = failure.Code;
        return status;
    }

    public static JsonObject Success(ResourceId resource, string name, string uid)
    {
        var details = new JsonObject { ["name"] = name };
        if (resource.Group.Length > 0)
        {
            details["group"] = resource.Group;
        }

        details["kind"] = resource.Plural;
        details["uid"] = uid;
        return Success(details);
    }

    public static JsonObject Success(JsonObject? details = null)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
        };
        if (details is not null)
        {
            status["details"] = details;
        }

        return status;
    }

    public static Task WriteFailureAsync(HttpContext http, ApiStatusException failure)
    {
        if (failure.Details?["retryAfterSeconds"] is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString();
        }

        return http.WriteJsonAsync(failure.Code, Failure(failure));
    }
}
