using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>Makes the API's <c>Status</c> objects and sends them.</summary>
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
