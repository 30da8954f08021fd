using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>The validated query of a list or watch.</summary>
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
                    FieldPath.At("resourceVersionMatch"), Match, ["Exact", "NotOlderThan", ""]));
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
        FieldErrors.Forbidden(FieldPath.At(field), why);
}

/// <summary>One page of a list.</summary>
internal sealed record ListPage(
    List<StoredObject> Objects, long Revision, string? Continue, int Remaining, bool CountsRemaining);

/// <summary>
/// The remaining pages of paginated lists. Objects are immutable, so a snapshot costs only references. The oldest
/// snapshots are dropped; their readers receive 410, as after etcd's compaction.
/// </summary>
internal sealed class ListSnapshots(int limit = 256)
{
    private readonly Dictionary<string, (List<StoredObject> Objects, long Revision)> _snapshots = new(
        StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Keeps a snapshot and returns the token for the page that starts at <paramref name="offset"/>.</summary>
    public string Keep(List<StoredObject> objects, long revision, int offset)
    {
        var id = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        lock (_snapshots)
        {
            _snapshots[id] = (objects, revision);
            _order.Enqueue(id);
            if (_order.Count > limit)
            {
                _snapshots.Remove(_order.Dequeue());
            }
        }

        return Token(id, revision, offset);
    }

    /// <exception cref="ApiStatusException">400: an invalid token; 410: an expired one.</exception>
    public (string Id, List<StoredObject> Objects, long Revision, int Offset) Resume(string token)
    {
        var (id, offset) = Read(token);
        lock (_snapshots)
        {
            return _snapshots.TryGetValue(id, out var snapshot)
                ? (id, snapshot.Objects, snapshot.Revision, offset)
                : throw ApiErrors.Expired(
                    "The provided continue parameter is too old to display a consistent list result. You must start a "
                    + "new list without "
                    + "the continue parameter.");
        }
    }

    public static string Token(string id, long revision, int offset)
    {
        var content = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = $"{id}/{offset}" };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(content.ToJsonString()))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');
    }

    private static (string Id, int Offset) Read(string token)
    {
        try
        {
            var base64 = token.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            var parts = ((string)JsonNode.Parse(bytes)!["start"]!).Split('/');
            return (parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (Exception failure) when (failure is FormatException or JsonException or InvalidOperationException
            or NullReferenceException)
        {
            throw ApiErrors.BadRequest(
                "invalid continue token: continue key is not valid: it is not one that this server gave");
        }
    }
}
