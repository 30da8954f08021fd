using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Transport;

/// <summary>
/// The few conversations with the API server that an operator needs, on JSON. Refusals are <see cref="ApiException"/>s; a connection that
/// fails is an <see cref="HttpRequestException"/> or <see cref="IOException"/>; a request that takes too long is a <see cref="TimeoutException"/>.
/// </summary>
public interface IApiTransport
{
    /// <summary>Reads one page of a collection.</summary>
    Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Watches a collection until the server closes the stream, which is a normal end. An ERROR event ends it with the
    /// <see cref="ApiException"/> it carries, a line that is no event with an <see cref="UndecodableEventException"/>.
    /// </summary>
    IAsyncEnumerable<WatchEvent> WatchAsync(ResourceKind kind, WatchQuery query, CancellationToken cancellationToken);

    /// <summary>Reads one object.</summary>
    Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Creates an object, in the namespace its metadata names.</summary>
    Task<JsonObject> CreateAsync(ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken);

    /// <summary>Applies an object server-side: creates it or changes what the query's field manager owns.</summary>
    Task<JsonObject> ApplyAsync(ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query, CancellationToken cancellationToken);

    /// <summary>Patches an object.</summary>
    Task<JsonObject> PatchAsync(
        ResourceKind kind, ObjectKey key, PatchFormat format, JsonNode patch, WriteQuery query, CancellationToken cancellationToken);

    /// <summary>Asks for an object's deletion.</summary>
    Task DeleteAsync(ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken);
}
