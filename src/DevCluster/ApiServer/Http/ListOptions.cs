using System.Globalization;
using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>The query of a list or watch, checked as the API checks it.</summary>
internal sealed record ListOptions(
    long? ResourceVersion, string Match, long Limit, string Continue, bool SendInitialEvents)
{
    public static ListOptions Parse(IQueryCollection query, bool isWatch)
    {
        var version = query["resourceVersion"].ToString();
        var options = new ListOptions(
            ParseVersion(version, isWatch),
            query["resourceVersionMatch"].ToString(),
            long.TryParse(query["limit"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                ? limit
                : 0,
            query["continue"].ToString(),
            query["sendInitialEvents"].ToString() is "true" or "1");
        options.Validate(isWatch, query.ContainsKey("sendInitialEvents"));
        return options;
    }

    private void Validate(bool isWatch, bool namesInitialEvents)
    {
        var errors = new List<FieldError>();
        if (!isWatch && namesInitialEvents)
        {
            errors.Add(Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }

        if (isWatch && namesInitialEvents && Match != "NotOlderThan")
        {
            errors.Add(
                Forbidden(
                    "resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        }

        if (isWatch && Match.Length > 0 && !namesInitialEvents)
        {
            errors.Add(
                Forbidden(
                    "resourceVersionMatch",
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        }

        if (Match.Length > 0 && Match is not ("Exact" or "NotOlderThan"))
        {
            errors.Add(
                FieldErrors.NotSupported(
                    FieldPath.Of("resourceVersionMatch"), Match, ["Exact", "NotOlderThan", ""]));
        }

        if (!isWatch && Match.Length > 0 && ResourceVersion is null)
        {
            errors.Add(
                Forbidden(
                    "resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        }

        if (errors.Count > 0)
        {
            throw ApiErrors.Invalid("meta.k8s.io", "ListOptions", "", errors);
        }
    }

    private static long? ParseVersion(string text, bool isWatch)
    {
        if (text.Length == 0)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }

        var why = $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax";
        throw isWatch ? new ApiStatusException(500, "", why) : ApiErrors.BadRequest($"invalid resource version: {why}");
    }

    private static FieldError Forbidden(string field, string why) =>
        new(field, "FieldValueForbidden", $"Forbidden: {why}");
}
