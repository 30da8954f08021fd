using System.Text.Json.Nodes;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>Virtual resources: access and token reviews, and the legacy <c>bindings</c>.</summary>
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

/// <summary><c>serviceaccounts/token</c>.</summary>
internal static class TokenRequests
{
    private const long DefaultSeconds = 3600;
    private const long MinimumSeconds = 600;

    public static JsonObject Answer(
        ServiceAccountTokens tokens,
        IResourceRegistry registry,
        StoredObject account,
        JsonObject wanted,
        DateTimeOffset now)
    {
        var spec = wanted["spec"] as JsonObject ?? [];
        var seconds = spec.Number("expirationSeconds") ?? DefaultSeconds;
        if (seconds < MinimumSeconds)
        {
            throw ApiErrors.Invalid(
                "authentication.k8s.io",
                "TokenRequest",
                "",
                FieldErrors.Invalid(
                    FieldPath.At("spec.expirationSeconds"),
                    seconds,
                    "may not specify a duration less than 10 minutes"));
        }

        var binding = TokenBinding.FromRequest(spec, account.Namespace!, account.Name, registry);
        var audiences = spec["audiences"] is JsonArray { Count: > 0 } list
            ? list.Select(item => (string?)item ?? "").ToList()
            : [ServiceAccountTokens.Issuer];
        return new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = account.Name,
                ["namespace"] = account.Namespace,
                ["creationTimestamp"] = Timestamps.Format(now),
            },
            ["spec"] = new JsonObject
            {
                ["audiences"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]),
                ["expirationSeconds"] = seconds,
                ["boundObjectRef"] = spec["boundObjectRef"]?.DeepClone(),
            },
            ["status"] = new JsonObject
            {
                ["token"] = tokens.Issue(account, audiences, TimeSpan.FromSeconds(seconds), binding),
                ["expirationTimestamp"] = Timestamps.Format(now.AddSeconds(seconds)),
            },
        };
    }
}
