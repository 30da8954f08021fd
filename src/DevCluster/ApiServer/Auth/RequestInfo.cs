using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Auth;

/// <summary>The attributes of a request for authorization, derived from its method and path.</summary>
internal sealed record RequestInfo(string Path, string Verb)
{
    /// <summary>False for paths such as <c>/version</c> and for discovery.</summary>
    public bool IsResource { get; init; }

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Plural { get; init; } = "";

    /// <summary>The namespace of the request; for a Namespace object, its name.</summary>
    public string? Namespace { get; init; }

    /// <summary>The name in the path, or the name to which a field selector restricts a list.</summary>
    public string? Name { get; init; }

    /// <summary>True when the path names an object.</summary>
    public bool IsNamed { get; init; }

    public string? Subresource { get; init; }

    /// <summary>The path of a request through the Service proxy; null for other requests.</summary>
    public string? ProxiedPath { get; init; }

    public static RequestInfo Parse(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var rest = segments switch
        {
            ["api", _, _, ..] => segments[2..],
            ["apis", _, _, _, ..] => segments[3..],
            _ => null,
        };
        if (rest is null)
        {
            return new RequestInfo(path, request.Method.ToLowerInvariant());
        }

        var isCore = segments[0] == "api";
        return Resource(request, path, rest) with
        {
            Group = isCore ? "" : segments[1],
            Version = isCore ? segments[1] : segments[2],
        };
    }

    private static RequestInfo Resource(HttpRequest request, string path, string[] segments)
    {
        string? ns = null;
        if (segments is ["namespaces", var of, ..])
        {
            ns = of;
            if (segments is [_, _, not ("status" or "finalize"), ..])
            {
                segments = segments[2..];
            }
        }

        var name = segments.Length > 1 ? segments[1] : null;
        var info = new RequestInfo(path, VerbOf(request, name))
        {
            IsResource = true,
            Plural = segments[0],
            Namespace = ns,
            Name = name ?? NameFromSelector(request),
            IsNamed = name is not null,
            Subresource = segments.Length > 2 ? string.Join('/', segments[2..]) : null,
        };
        return segments is ["services", _, "proxy", ..]
            ? info with
            {
                Verb = info.Verb == "watch" ? "get" : info.Verb,
                Subresource = "proxy",
                ProxiedPath = PathAfter(path, $"/services/{name}/proxy"),
            }
            : info;
    }

    private static string PathAfter(string path, string prefix) =>
        path[(path.IndexOf(prefix, StringComparison.Ordinal) + prefix.Length)..] is { Length: > 0 } rest ? rest : "/";

    private static string VerbOf(HttpRequest request, string? name) => request.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => name is null ? "deletecollection" : "delete",
        "GET" or "HEAD" => IsWatch(request) ? "watch" : name is null ? "list" : "get",
        var other => other.ToLowerInvariant(),
    };

    public static bool IsWatch(HttpRequest request) =>
        request.Query["watch"].ToString() is "1" or "true" or "True" or "t";

    // A list of one name counts as a request for that name, so that a role with resourceNames can watch it.
    private static string? NameFromSelector(HttpRequest request)
    {
        const string Prefix = "metadata.name=";
        var selector = request.Query["fieldSelector"].ToString();
        return selector.Split(',').FirstOrDefault(term => term.StartsWith(Prefix, StringComparison.Ordinal)) is { } term
            ? term[Prefix.Length..].TrimStart('=')
            : null;
    }
}
