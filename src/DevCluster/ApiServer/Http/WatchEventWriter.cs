using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Writes watch events, one line each, translating changes into what the selector's view of the world saw.
/// </summary>
internal sealed class WatchEventWriter(
    PipeWriter output, ResourceDefinition definition, ObjectPresenter presenter, ObjectFilter filter)
{
    // Column definitions go with the first row of a table watch only.
    private bool _columnsSent;

    public void WriteState(StoredObject stored) => WriteObject("ADDED"u8, stored);

    public void Write(ObjectChange change)
    {
        var isVisible = change.Type != ChangeType.Deleted && filter.Matches(change.Object);
        var wasVisible = change.Previous is not null && filter.Matches(change.Previous);
        if (isVisible)
        {
            WriteObject(wasVisible ? "MODIFIED"u8 : "ADDED"u8, change.Object);
        }
        else if (wasVisible)
        {
            WriteObject("DELETED"u8, change.Type == ChangeType.Deleted ? change.Object : LastVisible(change));
        }
    }

    public void WriteBookmark(long revision, bool endsInitialEvents)
    {
        var metadata = new JsonObject
        {
            ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture),
            ["creationTimestamp"] = null,
        };
        if (endsInitialEvents)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var (kind, apiVersion) = presenter.Form switch
        {
            Representation.PartialMetadata => ("PartialObjectMetadata", "meta.k8s.io/v1"),
            Representation.Table => ("Table", "meta.k8s.io/v1"),
            _ => (definition.Kind, definition.ApiVersion),
        };
        var bookmark = new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = metadata };
        if (presenter.Form == Representation.Table)
        {
            bookmark["columnDefinitions"] = null;
            bookmark["rows"] = new JsonArray();
        }

        WriteEvent("BOOKMARK"u8, Encoding.UTF8.GetBytes(bookmark.ToJsonString()));
    }

    public void WriteError(ApiStatusException failure) =>
        WriteEvent("ERROR"u8, JsonSerializer.SerializeToUtf8Bytes(StatusWriter.Failure(failure), RelaxedJson.Options));

    private void WriteObject(ReadOnlySpan<byte> type, StoredObject stored)
    {
        WriteEvent(type, presenter.One(stored, withColumns: !_columnsSent).Span);
        _columnsSent = true;
    }

    // What left the selection is shown as it was, but at the revision at which it left.
    private static StoredObject LastVisible(ObjectChange change)
    {
        var content = change.Previous!.CloneContent();
        content.Metadata()["resourceVersion"] = change.Object.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        return new StoredObject(change.Object.Resource, change.Object.ResourceVersion, content);
    }

    private void WriteEvent(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        output.Write("{\"type\":\""u8);
        output.Write(type);
        output.Write("\",\"object\":"u8);
        output.Write(content);
        output.Write("}\n"u8);
    }
}
