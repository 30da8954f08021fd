using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Transport;

/// <summary>One request.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Verb">The API's verb, for metrics and messages.</param>
/// <param name="Kind">The kind, for metrics.</param>
/// <param name="Path">Path and query, relative to the server's address.</param>
internal sealed record ApiCall(HttpMethod Method, string Verb, ResourceKind Kind, string Path)
{
    public const string Watch = "watch";

    public const string Text = "text";

    public HttpContent? Body { get; init; }

    /// <summary>Headers in addition to those that every request has.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}

/// <summary>Pure: builds paths, queries and bodies of requests.</summary>
internal static class ApiRequests
{
    private const string Json = "application/json";

    private static readonly JsonSerializerOptions BodyOptions = new() { Encoder = GoJsonEncoder.Instance };

    public static string List(ResourceKind kind, ListQuery query) => new Query(kind.CollectionPath(query.Namespace))
        .Add("labelSelector", query.LabelSelector)
        .Add("fieldSelector", query.FieldSelector)
        .Add("limit", query.Limit?.ToString(CultureInfo.InvariantCulture))
        .Add("continue", query.Continue)
        .ToString();

    public static string Watch(ResourceKind kind, WatchQuery query) => new Query(kind.CollectionPath(query.Namespace))
        .Add("watch", "true")
        .Add("allowWatchBookmarks", "true")
        .Add("resourceVersion", query.ResourceVersion)
        .Add("labelSelector", query.LabelSelector)
        .Add("fieldSelector", query.FieldSelector)
        .Add("timeoutSeconds", query.Timeout is { } timeout
            ? ((long)Math.Max(1, timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture)
            : null)
        .ToString();

    public static string Text(string path, IReadOnlyDictionary<string, string> parameters) =>
        parameters.Aggregate(new Query(path), (query, entry) => query.Add(entry.Key, entry.Value)).ToString();

    public static string Write(string path, WriteQuery query, bool isApply = false) => new Query(path)
        .Add("fieldManager", query.FieldManager)
        .Add("force", isApply ? (query.Force ? "true" : "false") : null)
        .Add("dryRun", query.DryRun ? "All" : null)
        .ToString();

    public static HttpContent Body(JsonNode body, string mediaType = Json)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, BodyOptions));
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }

    public static HttpContent PatchBody(JsonNode patch, PatchFormat format) => Body(patch, format switch
    {
        PatchFormat.Merge => "application/merge-patch+json",
        PatchFormat.Json => "application/json-patch+json",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "No such patch format."),
    });

    /// <summary>JSON is YAML, and servers before 1.34 know no other media type for an apply.</summary>
    public static HttpContent ApplyBody(JsonObject content) => Body(content, "application/apply-patch+yaml");

    public static HttpContent DeleteBody(DeleteQuery query)
    {
        var options = new JsonObject
        {
            ["kind"] = "DeleteOptions",
            ["apiVersion"] = "v1",
            ["propagationPolicy"] = query.Propagation.ToString(),
        };
        if (query.Uid is not null)
        {
            options["preconditions"] = new JsonObject { ["uid"] = query.Uid };
        }

        if (query.GracePeriod is { } grace)
        {
            options["gracePeriodSeconds"] = (long)grace.TotalSeconds;
        }

        return Body(options);
    }

    private sealed class Query(string path)
    {
        private readonly StringBuilder _text = new(path);
        private char _separator = '?';

        public Query Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                _text.Append(_separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                _separator = '&';
            }

            return this;
        }

        public override string ToString() => _text.ToString();
    }
}
