using System.Text.Json.Nodes;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Support;

/// <summary>Signs in as a service account, with its rights and no others.</summary>
internal static class AccountToken
{
    public static async Task<string> OfAsync(ApiClient api, ObjectKey account, CancellationToken cancellationToken)
    {
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject { ["expirationSeconds"] = 86400 },
        };
        var path = Kinds.ServiceAccount.ObjectPath(account, "token");
        var answer =
            await api.SendAsync(HttpMethod.Post, path, request, ApiClient.Json, ApiClient.Json, cancellationToken);
        return (string)answer.Require()["status"]!["token"]!;
    }
}
