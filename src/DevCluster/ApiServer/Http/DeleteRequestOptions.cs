using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Http;

/// <summary>DeleteOptions, from the body and from the query; what the body says wins.</summary>
internal static class DeleteRequestOptions
{
    public static async Task<DeletionOptions> ReadAsync(ResourceRequest request)
    {
        var bytes = await RequestBody.ReadAsync(request.Http, request.Aborted);
        var body = bytes.Length == 0
            ? null
            : RequestBody.Parse(RequestBody.MediaType(request.Http), bytes, "DeleteOptions").Content;
        return Parse(request, body ?? []);
    }

    private static DeletionOptions Parse(ResourceRequest request, JsonObject body)
    {
        var preconditions = body["preconditions"] as JsonObject;
        return new DeletionOptions(
            body.Number("gracePeriodSeconds") ?? Number(request.Query["gracePeriodSeconds"].ToString()),
            Propagation(request, body),
            preconditions?.NonEmpty("uid"),
            preconditions?.NonEmpty("resourceVersion"),
            request.IsDryRun || body["dryRun"] is JsonArray { Count: > 0 })
        {
            Author = request.User,
            Requested = request.Definition,
            OnWarning = request.Http.Warn,
        };
    }

    private static DeletionPropagation? Propagation(ResourceRequest request, JsonObject body)
    {
        var policy = body.NonEmpty("propagationPolicy") ?? request.Query["propagationPolicy"].ToString();
        var orphan = (string?)body["orphanDependents"]?.ToString() ?? request.Query["orphanDependents"].ToString();
        return (policy, orphan) switch
        {
            ("", "true") => DeletionPropagation.Orphan,
            ("", _) => null,
            ("Background", _) => DeletionPropagation.Background,
            ("Foreground", _) => DeletionPropagation.Foreground,
            ("Orphan", _) => DeletionPropagation.Orphan,
            _ => throw ApiErrors.Invalid(
                "meta.k8s.io",
                "DeleteOptions",
                "",
                FieldErrors.NotSupported(
                    FieldPath.Of("propagationPolicy"), policy, ["Foreground", "Background", "Orphan", "nil"])),
        };
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
