using System.Text.Json.Nodes;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>Resources that are questions: access and token reviews, and the legacy <c>bindings</c>.</summary>
internal sealed class ReviewHandler(
    ResourceRegistry registry, RbacAuthorizer authorizer, TokenAuthenticator authenticator, TimeProvider clock)
{
    public async Task AnswerAsync(ResourceRequest request)
    {
        var answer =
            (await RequestBody.ReadObjectAsync(request.Http, request.Definition.Kind, request.Aborted)).Content;
        WireKinds.Require(request.Definition, answer);
        if (request.Definition.Id.Plural == "bindings")
        {
            Bind(request, answer);
            await request.Http.WriteJsonAsync(201, StatusWriter.Success());
            return;
        }

        answer["kind"] = request.Definition.Kind;
        answer["apiVersion"] = request.Definition.ApiVersion;
        answer["metadata"] = new JsonObject { ["creationTimestamp"] = null };
        answer["status"] = Status(request, answer["spec"] as JsonObject ?? []);
        await request.Http.WriteJsonAsync(201, answer);
    }

    private JsonObject Status(ResourceRequest request, JsonObject spec) => request.Definition.Id.Plural switch
    {
        "selfsubjectaccessreviews" => Decide(AccessReviews.Question(request.User, spec)),
        "subjectaccessreviews" => Decide(AccessReviews.Question(AccessReviews.Subject(spec), spec)),
        "localsubjectaccessreviews" =>
            Decide(
                AccessReviews.Question(AccessReviews.Subject(spec), spec) with { Namespace = request.Namespace ?? "" }),
        "selfsubjectrulesreviews" =>
            AccessReviews.Rules(authorizer.Rules(request.User, spec.NonEmpty("namespace") ?? "")),
        "selfsubjectreviews" => new JsonObject { ["userInfo"] = AccessReviews.User(request.User) },
        "tokenreviews" => Review(spec.NonEmpty("token") ?? ""),
        _ => throw ApiErrors.UnknownResource(),
    };

    private void Bind(ResourceRequest request, JsonObject binding)
    {
        var name = binding.MetadataText("name") ?? "";
        var pods = new ResourceId("", "pods");
        var pod = registry.Get(pods, request.Namespace, name) ?? throw ApiErrors.NotFound(pods, name);
        PodBinding.Bind(
            registry, pod, binding, request.WriteOptions with { Subresource = "binding" }, clock.GetUtcNow());
    }

    private JsonObject Decide(AccessRequest question) => authorizer.IsAllowed(question)
        ? new JsonObject { ["allowed"] = true, ["reason"] = "RBAC: allowed" }
        : new JsonObject { ["allowed"] = false };

    private JsonObject Review(string token) => authenticator.Find(token) is { } user
        ? new JsonObject { ["authenticated"] = true, ["user"] = AccessReviews.User(user) }
        : new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
}
