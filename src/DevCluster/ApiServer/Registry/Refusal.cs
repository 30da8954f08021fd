using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Registry;

/// <summary>How admission says no to a user who may, and to an object that is valid: 403.</summary>
internal static class Refusal
{
    public static ApiStatusException Forbidden(AdmissionContext context, string why, FieldError? cause = null)
    {
        var refusal = ApiErrors.Forbidden(context.Resource, context.Name, why);
        if (cause is not null)
        {
            refusal.Details!["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = cause.Reason,
                ["message"] = cause.Message,
                ["field"] = cause.Field,
            });
        }

        return refusal;
    }
}
