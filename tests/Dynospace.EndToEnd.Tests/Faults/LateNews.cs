using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>
/// A connection whose news of one kind stay away until they are let through, as one slow watch among fast ones does.
/// </summary>
/// <param name="late">The kind.</param>
/// <param name="isLate">Which of its news: all that come after the first such stay away too.</param>
internal sealed class LateNews(IApiTransport inner, ResourceKind late, Func<WatchEvent, bool> isLate) : IApiTransport
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<string> _asked = Channel.CreateUnbounded<string>();

    /// <summary>The name of the next object of the kind that was read, and found, rather than awaited.</summary>
    public Task<string> AskedAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        _asked.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(patience, cancellationToken);

    public void LetThrough() => _open.TrySetResult();

    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceKind kind, WatchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var change in inner.WatchAsync(kind, query, cancellationToken)
            .WithCancellation(cancellationToken))
        {
            if (kind == late && isLate(change))
            {
                await _open.Task.WaitAsync(cancellationToken);
            }

            yield return change;
        }
    }

    public async Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken)
    {
        var found = await inner.GetAsync(kind, key, cancellationToken);
        if (kind == late)
        {
            _asked.Writer.TryWrite(key.Name);
        }

        return found;
    }

    public Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken) =>
        inner.ListAsync(kind, query, cancellationToken);

    public Task<JsonObject> CreateAsync(
        ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
        inner.CreateAsync(kind, content, query, cancellationToken);

    public Task<JsonObject> ApplyAsync(
        ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
        inner.ApplyAsync(kind, key, content, query, cancellationToken);

    public Task<JsonObject> PatchAsync(
        ResourceKind kind,
        ObjectKey key,
        PatchFormat format,
        JsonNode patch,
        WriteQuery query,
        CancellationToken cancellationToken) =>
        inner.PatchAsync(kind, key, format, patch, query, cancellationToken);

    public Task DeleteAsync(ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken) =>
        inner.DeleteAsync(kind, key, query, cancellationToken);
}
