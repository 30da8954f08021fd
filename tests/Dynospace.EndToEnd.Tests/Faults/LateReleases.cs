using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>A connection whose news of stored releases stay away until they are let through, as one slow watch among fast ones does.</summary>
internal sealed class LateReleases(IApiTransport inner) : IApiTransport
{
    private static readonly ResourceKind Release = ResourceKind.For<V1ControllerRevision>();

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The name of the first release that was read rather than awaited.</summary>
    public Task<string> Asked => _asked.Task;

    public void LetThrough() => _open.TrySetResult();

    public async IAsyncEnumerable<WatchEvent> WatchAsync(ResourceKind kind, WatchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var change in inner.WatchAsync(kind, query, cancellationToken).WithCancellation(cancellationToken))
        {
            if (kind == Release)
            {
                await _open.Task.WaitAsync(cancellationToken);
            }

            yield return change;
        }
    }

    public Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken)
    {
        if (kind == Release)
        {
            _asked.TrySetResult(key.Name);
        }

        return inner.GetAsync(kind, key, cancellationToken);
    }

    public Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken) => inner.ListAsync(kind, query, cancellationToken);

    public Task<JsonObject> CreateAsync(ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
        inner.CreateAsync(kind, content, query, cancellationToken);

    public Task<JsonObject> ApplyAsync(ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
        inner.ApplyAsync(kind, key, content, query, cancellationToken);

    public Task<JsonObject> PatchAsync(
        ResourceKind kind, ObjectKey key, PatchFormat format, JsonNode patch, WriteQuery query, CancellationToken cancellationToken) =>
        inner.PatchAsync(kind, key, format, patch, query, cancellationToken);

    public Task DeleteAsync(ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken) =>
        inner.DeleteAsync(kind, key, query, cancellationToken);
}
