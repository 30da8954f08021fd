using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Servers;

/// <summary>Keeps the verbs of single-object requests that pass and counts lists and watches.</summary>
internal sealed class CountingTransport(IApiTransport inner) : IApiTransport
{
    private ConcurrentQueue<string> _verbs = new();
    private int _lists;
    private int _watches;

    public int Lists => Volatile.Read(ref _lists);

    public int Watches => Volatile.Read(ref _watches);

    /// <summary>The verbs since the last time this was asked.</summary>
    public string TakeVerbs() => string.Join(' ', Interlocked.Exchange(ref _verbs, new ConcurrentQueue<string>()));

    public Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        return inner.ListAsync(kind, query, cancellationToken);
    }

    public IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceKind kind, WatchQuery query, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _watches);
        return inner.WatchAsync(kind, query, cancellationToken);
    }

    public Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken)
    {
        _verbs.Enqueue("get");
        return inner.GetAsync(kind, key, cancellationToken);
    }

    public Task<JsonObject> CreateAsync(
        ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken)
    {
        _verbs.Enqueue("create");
        return inner.CreateAsync(kind, content, query, cancellationToken);
    }

    public Task<JsonObject> ApplyAsync(
        ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query, CancellationToken cancellationToken)
    {
        _verbs.Enqueue("apply");
        return inner.ApplyAsync(kind, key, content, query, cancellationToken);
    }

    public Task<JsonObject> PatchAsync(
        ResourceKind kind,
        ObjectKey key,
        PatchFormat format,
        JsonNode patch,
        WriteQuery query,
        CancellationToken cancellationToken)
    {
        _verbs.Enqueue("patch");
        return inner.PatchAsync(kind, key, format, patch, query, cancellationToken);
    }

    public Task DeleteAsync(ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken)
    {
        _verbs.Enqueue("delete");
        return inner.DeleteAsync(kind, key, query, cancellationToken);
    }
}
