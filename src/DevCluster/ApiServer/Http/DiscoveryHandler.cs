using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Discovery;
using DevCluster.ApiServer.OpenApi;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>Serves paths about the server itself: discovery, version, health and the list of paths.</summary>
internal sealed class DiscoveryHandler(ResourceCatalog catalog)
{
    private const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /// <summary>Answers the request if its path is one of these.</summary>
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

/// <summary>
/// Serves <c>/openapi/v2</c> and <c>/openapi/v3</c>; documents are cached for a state of the catalog.
/// </summary>
internal sealed class OpenApiHandler(ResourceCatalog catalog)
{
    private const string ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _documents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (IReadOnlyList<ResourceDefinition> Of, byte[] Document)> _versions = new(
        StringComparer.Ordinal);
    private CatalogSnapshot? _documentedCatalog;

    public async Task<bool> TryHandleAsync(HttpContext http)
    {
        var segments = (http.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (segments)
        {
            case ["openapi", "v2"]:
                await WriteV2Async(http);
                return true;
            case ["openapi", "v3"]:
                await http.WriteBytesAsync(200, Index());
                return true;
            case ["openapi", "v3", "api", var version] when Definitions("", version) is { Count: > 0 } core:
                await http.WriteBytesAsync(200, V3(core));
                return true;
            case ["openapi", "v3", "apis", var group, var version]
                when Definitions(group, version) is { Count: > 0 } grouped:
                await http.WriteBytesAsync(200, V3(grouped));
                return true;
            default:
                return false;
        }
    }

    private Task WriteV2Async(HttpContext http)
    {
        var wantsProtobuf = AcceptHeader.Ranges(http.Request)
            .Any(range => range.Media.StartsWith("application/com.github", StringComparison.Ordinal)
                && range.Media.EndsWith("+protobuf", StringComparison.Ordinal));
        return wantsProtobuf
            ? http.WriteBytesAsync(200, Cached("v2.pb", snapshot => OpenApiV2.Protobuf(snapshot.All)), ProtobufType)
            : http.WriteBytesAsync(200, Cached("v2", snapshot => Serialize(OpenApiV2.Document(snapshot.All))));
    }

    private byte[] Index() => Cached("v3", snapshot =>
    {
        var paths = new JsonObject();
        foreach (var group in snapshot.Groups)
        {
            foreach (var version in group.Versions)
            {
                var path = group.Name.Length == 0 ? $"api/{version.Version}" : $"apis/{group.Name}/{version.Version}";
                var hash = Convert.ToHexString(SHA256.HashData(V3(version.Resources)));
                paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={hash}" };
            }
        }

        return Serialize(new JsonObject { ["paths"] = paths });
    });

    // Cached across catalogs: applying a CRD does not change the documents of other groups.
    private byte[] V3(IReadOnlyList<ResourceDefinition> definitions)
    {
        lock (_gate)
        {
            var key = definitions[0].ApiVersion;
            if (!_versions.TryGetValue(key, out var known)
                || !known.Of.SequenceEqual(definitions, ReferenceEqualityComparer.Instance))
            {
                _versions[key] = known = (definitions, Serialize(OpenApiV3.Document(definitions)));
            }

            return known.Document;
        }
    }

    private IReadOnlyList<ResourceDefinition> Definitions(string group, string version) =>
        catalog.Current.Groups.FirstOrDefault(
            item => item.Name == group)?.Versions.FirstOrDefault(item => item.Version == version)?.Resources ?? [];

    private byte[] Cached(string key, Func<CatalogSnapshot, byte[]> make)
    {
        lock (_gate)
        {
            var snapshot = catalog.Current;
            if (_documentedCatalog != snapshot)
            {
                _documents.Clear();
                _documentedCatalog = snapshot;
            }

            return _documents.TryGetValue(key, out var document) ? document : _documents[key] = make(snapshot);
        }
    }

    private static byte[] Serialize(JsonNode document) =>
        JsonSerializer.SerializeToUtf8Bytes(document, RelaxedJson.Options);
}
