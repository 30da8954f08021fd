using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Writes objects in the form that was asked for: as they are, as metadata alone, or as rows of a table.
/// </summary>
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

    /// <summary>One object as the whole answer, or as the object of a watch event.</summary>
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
