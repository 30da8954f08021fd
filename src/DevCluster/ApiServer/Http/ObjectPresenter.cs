using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>Writes objects in the negotiated form: complete, metadata only, or as rows of a table.</summary>
internal sealed class ObjectPresenter(
    ResourceDefinition definition, Representation form, string includeObject, TimeProvider clock)
{
    private readonly VersionedObjects _versioned = new(definition);

    public Representation Form => form;

    public static ObjectPresenter For(ResourceRequest request, TimeProvider clock) => new(
        request.Definition,
        AcceptHeader.Negotiate(request.Http.Request),
        request.Query["includeObject"].ToString(),
        clock);

    /// <summary>One object, as a response or in a watch event.</summary>
    public ReadOnlyMemory<byte> One(StoredObject stored, bool withColumns = true) => form switch
    {
        Representation.Table =>
            Serialize(Table([stored], (string?)stored.Content["metadata"]!["resourceVersion"] ?? "", withColumns)),
        Representation.PartialMetadata => Serialize(PartialMetadata(stored)),
        _ => _versioned.Utf8(stored),
    };

    public JsonObject Table(IReadOnlyList<StoredObject> objects, string resourceVersion, bool withColumns = true)
    {
        var now = clock.GetUtcNow();
        var table = new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion },
            ["columnDefinitions"] = withColumns ? new JsonArray([.. definition.Columns.Select(Column)]) : null,
            ["rows"] = new JsonArray([.. objects.Select(stored => Row(stored, now))]),
        };
        return table;
    }

    private static JsonObject PartialMetadata(StoredObject stored) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = stored.Content["metadata"]!.DeepClone(),
    };

    private JsonObject Row(StoredObject stored, DateTimeOffset now)
    {
        var content = stored.Content;
        var row = new JsonObject
        {
            ["cells"] = new JsonArray([.. definition.Columns.Select(column => column.Cell(content, now)?.DeepClone())]),
        };
        switch (includeObject)
        {
            case "None":
                row["object"] = null;
                break;
            case "Object":
                row["object"] = _versioned.Content(stored).DeepClone();
                break;
            default:
                row["object"] = PartialMetadata(stored);
                break;
        }

        return row;
    }

    private static JsonObject Column(TableColumn column) => new()
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    };

    private static byte[] Serialize(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, RelaxedJson.Options);
}

/// <summary>Content negotiation: the first acceptable form that this server supports, always JSON.</summary>
internal static class AcceptHeader
{
    private static readonly string[] Json = ["application/json", "application/*", "*/*", ""];

    /// <exception cref="ApiStatusException">406: none of the accepted forms is supported.</exception>
    public static Representation Negotiate(HttpRequest request)
    {
        foreach (var (media, parameters) in Ranges(request))
        {
            if (!Json.Contains(media))
            {
                continue;
            }

            switch (parameters.GetValueOrDefault("as"))
            {
                case null:
                    return Representation.Object;
                case "Table" when IsMeta(parameters):
                    return Representation.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when IsMeta(parameters):
                    return Representation.PartialMetadata;
            }
        }

        throw new ApiStatusException(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, application/json;stream=watch",
            []);
    }

    /// <summary>Whether the client prefers aggregated discovery.</summary>
    public static bool WantsAggregatedDiscovery(HttpRequest request) =>
        Ranges(request).Any(range =>
            range.Media == "application/json"
            && range.Parameters.GetValueOrDefault("as") == "APIGroupDiscoveryList"
            && range.Parameters.GetValueOrDefault("g") == "apidiscovery.k8s.io"
            && range.Parameters.GetValueOrDefault("v") == "v2");

    public static IEnumerable<(string Media, Dictionary<string, string> Parameters)> Ranges(HttpRequest request) =>
        request.Headers.Accept.ToString().Split(',').Select(range =>
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            var parameters = parts.Skip(1)
                .Select(part => part.Split('=', 2))
                .Where(pair => pair.Length == 2)
                .DistinctBy(pair => pair[0])
                .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
            return (parts[0].ToLowerInvariant(), parameters);
        });

    private static bool IsMeta(Dictionary<string, string> parameters) =>
        parameters.GetValueOrDefault("g") == "meta.k8s.io" && parameters.GetValueOrDefault("v") == "v1";
}

/// <summary>The forms of a response.</summary>
internal enum Representation
{
    Object,
    Table,
    PartialMetadata,
}
