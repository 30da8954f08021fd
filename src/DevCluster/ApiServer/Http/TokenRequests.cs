using System.Text.Json.Nodes;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Http;

/// <summary><c>serviceaccounts/token</c>.</summary>
internal static class TokenRequests
{
    private const long DefaultSeconds = 3600;
    private const long MinimumSeconds = 600;

    public static JsonObject Answer(
        ServiceAccountTokens tokens, StoredObject account, JsonObject wanted, DateTimeOffset now)
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
                    FieldPath.Of("spec.expirationSeconds"),
                    seconds,
                    "may not specify a duration less than 10 minutes"));
        }

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
                ["creationTimestamp"] = ObjectMetadata.Timestamp(now),
            },
            ["spec"] = new JsonObject
            {
                ["audiences"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]),
                ["expirationSeconds"] = seconds,
            },
            ["status"] = new JsonObject
            {
                ["token"] = tokens.Issue(account, audiences, TimeSpan.FromSeconds(seconds)),
                ["expirationTimestamp"] = ObjectMetadata.Timestamp(now.AddSeconds(seconds)),
            },
        };
    }
}
