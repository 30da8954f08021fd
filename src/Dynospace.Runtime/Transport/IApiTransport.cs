using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Transport;


/// <summary>
/// The requests to the API server that an operator needs, with objects as JSON. Refusals are <see
/// cref="ApiException"/>s; a connection that fails is an <see cref="HttpRequestException"/> or <see
/// cref="IOException"/>; a request that takes too long is a <see cref="TimeoutException"/>.
/// </summary>
public interface IApiTransport
{
    /// <summary>Reads one page of a collection.</summary>
    Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Watches a collection until the server closes the stream, which is a normal end. An ERROR event ends it with the
    /// <see cref="ApiException"/> it carries, a line that is not an event with an
    /// <see cref="UndecodableEventException"/>.
    /// </summary>
    IAsyncEnumerable<WatchEvent> WatchAsync(ResourceKind kind, WatchQuery query, CancellationToken cancellationToken);

    /// <summary>Reads one object.</summary>
    Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Creates an object, in the namespace its metadata names.</summary>
    Task<JsonObject> CreateAsync(
        ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken);

    /// <summary>Applies an object server-side: creates it or changes what the query's field manager owns.</summary>
    Task<JsonObject> ApplyAsync(
        ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query, CancellationToken cancellationToken);

    /// <summary>Patches an object.</summary>
    Task<JsonObject> PatchAsync(
        ResourceKind kind, ObjectKey key, PatchFormat format, JsonNode patch, WriteQuery query,
        CancellationToken cancellationToken);

    /// <summary>Asks for an object's deletion.</summary>
    Task DeleteAsync(ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken);
}

/// <summary>Which page of a collection to read.</summary>
public sealed record ListQuery
{
    /// <summary>The namespace, or null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>A label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>How many objects a page holds; null for all in one.</summary>
    public int? Limit { get; init; }

    /// <summary>The token of the page before; null for the first.</summary>
    public string? Continue { get; init; }
}

/// <summary>What to watch, and from where.</summary>
public sealed record WatchQuery
{
    /// <summary>The namespace, or null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>A label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Where the watch starts: it sends events after this version.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>When the server closes the stream.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>How a write is done.</summary>
public sealed record WriteQuery
{
    /// <summary>The owner of the fields that are written; mandatory for an apply.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Whether an apply takes fields from other managers.</summary>
    public bool Force { get; init; }

    /// <summary>The subresource, as in <c>status</c>.</summary>
    public string? Subresource { get; init; }

    /// <summary>Whether the server only simulates the write.</summary>
    public bool DryRun { get; init; }
}

/// <summary>How an object is deleted.</summary>
public sealed record DeleteQuery
{
    /// <summary>Only the object with this uid is deleted, not one that has taken its name since.</summary>
    public string? Uid { get; init; }

    /// <summary>What happens to dependents.</summary>
    public DeletePropagation Propagation { get; init; } = DeletePropagation.Background;

    /// <summary>The grace period; null for the object's own.</summary>
    public TimeSpan? GracePeriod { get; init; }
}

/// <summary>The language of a patch.</summary>
public enum PatchFormat
{
    /// <summary>RFC 7386.</summary>
    Merge,

    /// <summary>RFC 6902.</summary>
    Json,
}

/// <summary>What becomes of the dependents of a deleted object.</summary>
public enum DeletePropagation
{
    /// <summary>They are deleted afterwards.</summary>
    Background,

    /// <summary>They are deleted first.</summary>
    Foreground,

    /// <summary>They stay.</summary>
    Orphan,
}

/// <summary>One page of a collection. Its items are in pooled memory and invalid once the page is disposed.</summary>
public sealed class ListPage : IDisposable
{
    private readonly JsonDocument _document;

    internal ListPage(JsonDocument document)
    {
        _document = document;
        if (document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(
                "metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            ResourceVersion = JsonMembers.Text(metadata, "resourceVersion") ?? "";
            Continue = JsonMembers.Text(metadata, "continue") is { Length: > 0 } token ? token : null;
        }
    }

    /// <summary>The version of the whole list, the same on every page; a watch starts here.</summary>
    public string ResourceVersion { get; } = "";

    /// <summary>The token of the next page; null on the last.</summary>
    public string? Continue { get; }

    /// <summary>The objects of this page; built-in kinds come without <c>apiVersion</c> and <c>kind</c>.</summary>
    public IEnumerable<JsonElement> Items =>
        _document.RootElement.ValueKind == JsonValueKind.Object
        && _document.RootElement.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray()
            : [];

    /// <summary>Makes a page of JSON text, for tests and other transports.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static ListPage Parse(string json) => new(JsonDocument.Parse(json));

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();
}

/// <summary>One event of a watch. The object is in pooled memory and invalid once the enumeration moves on.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; of a bookmark only the resource version counts.</param>
public readonly record struct WatchEvent(WatchEventType Type, JsonElement Object);

/// <summary>What happened to a watched object.</summary>
public enum WatchEventType
{
    /// <summary>It is new, or newly selected.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone, or no longer selected.</summary>
    Deleted,

    /// <summary>No change: the watch is up to date with the resource version that the event carries.</summary>
    Bookmark,
}

/// <summary>Reads whole collections, for callers that read one once and do not watch it.</summary>
public static class ApiTransportLists
{
    /// <summary>
    /// Reads a collection page by page, as far as it is enumerated. The pages come from <see
    /// cref="IApiTransport.ListAsync"/>, with its errors.
    /// </summary>
    /// <param name="transport">The transport.</param>
    /// <param name="kind">The kind of the objects.</param>
    /// <param name="query">Which objects, and how many for each page.</param>
    /// <param name="decode">Makes a value of an object, whose memory is invalid afterwards.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<T> ListAllAsync<T>(
        this IApiTransport transport, ResourceKind kind, ListQuery query, Func<JsonElement, T> decode,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(decode);
        string? next = null;
        do
        {
            using var page = await transport.ListAsync(kind, query with { Continue = next }, cancellationToken);
            foreach (var item in page.Items)
            {
                yield return decode(item);
            }

            next = page.Continue;
        }
        while (next is not null);
    }
}
