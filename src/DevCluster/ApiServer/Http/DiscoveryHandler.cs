using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Discovery;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Paths that are about the server rather than about objects: discovery, version, health, the list of paths.
/// </summary>
internal sealed class DiscoveryHandler(ResourceCatalog catalog)
{
    private const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /// <summary>Answers the request if the path is one of these.</summary>
    public async Task<bool> TryHandleAsync(HttpContext http)
    {
        var path = (http.Request.Path.Value ?? "/").TrimEnd('/');
        switch (path)
        {
            case "/healthz" or "/livez" or "/readyz":
                await http.WriteBytesAsync(200, "ok"u8.ToArray(), "text/plain; charset=utf-8");
                return true;
            case "/version":
                await http.WriteJsonAsync(200, ServerVersion.Document());
                return true;
            case "":
                await http.WriteJsonAsync(200, Paths());
                return true;
            case "/api" or "/apis" when AcceptHeader.WantsAggregatedDiscovery(http.Request):
                http.Response.Headers.Vary = "Accept";
                await http.WriteJsonAsync(
                    200, DiscoveryDocuments.Aggregated(catalog.Current, core: path == "/api"), AggregatedType);
                return true;
        }

        if (Document(http, path.Split('/', StringSplitOptions.RemoveEmptyEntries)) is { } document)
        {
            await http.WriteJsonAsync(200, document);
            return true;
        }

        return false;
    }

    private JsonObject? Document(HttpContext http, string[] segments) => segments switch
    {
        ["api"] => DiscoveryDocuments.CoreVersions(http.Request.Host.Value ?? ""),
        ["api", var version] => DiscoveryDocuments.Resources(catalog.Current, "", version),
        ["apis"] => DiscoveryDocuments.Groups(catalog.Current),
        ["apis", var group] => DiscoveryDocuments.Group(catalog.Current, group),
        ["apis", var group, var version] => DiscoveryDocuments.Resources(catalog.Current, group, version),
        _ => null,
    };

    private JsonObject Paths()
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal)
        {
            "/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version",
        };
        foreach (var group in catalog.Current.Groups.Where(group => group.Name.Length > 0))
        {
            paths.Add($"/apis/{group.Name}");
            paths.UnionWith(group.Versions.Select(version => $"/apis/{group.Name}/{version.Version}"));
        }

        return new JsonObject { ["paths"] = new JsonArray([.. paths.Select(path => (JsonNode)path)]) };
    }
}
