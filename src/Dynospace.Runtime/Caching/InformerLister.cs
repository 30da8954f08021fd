using System.Text.Json;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Caching;

/// <summary>Reads a whole collection, page by page, and swaps the store when it is complete.</summary>
internal sealed class InformerLister<T>(
    IApiTransport transport, ResourceKind kind, InformerOptions<T> options, ObjectDecoder<T> decoder, ObjectStore<T> store, ILogger logger)
    where T : class
{
    private bool _continueExpired;

    public async Task<(string ResourceVersion, IReadOnlyList<ObjectChange<T>> Changes)> ListAsync(CancellationToken cancellationToken)
    {
        var objects = new Dictionary<ObjectKey, StoredObject<T>>();
        string? next = null;
        string version;
        do
        {
            using var page = await ReadPageAsync(next, cancellationToken);
            foreach (var item in page.Items)
            {
                Keep(objects, item);
            }

            version = page.ResourceVersion;
            next = page.Continue;
        }
        while (next is not null);

        if (version.Length == 0)
        {
            throw new UndecodableEventException($"The list of {kind.Plural} has no metadata.resourceVersion.");
        }

        _continueExpired = false;
        return (version, store.Replace(objects));
    }

    private async Task<ListPage> ReadPageAsync(string? next, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.ListAsync(
                kind,
                new ListQuery
                {
                    Namespace = options.Namespace,
                    LabelSelector = options.LabelSelector,
                    FieldSelector = options.FieldSelector,
                    Limit = _continueExpired ? null : options.Timing.PageSize,
                    Continue = next,
                },
                cancellationToken);
        }
        catch (ApiException e) when (e.IsGone && next is not null)
        {
            // The pages took longer than the server keeps their snapshot, and would again: the next try asks for all at once.
            _continueExpired = true;
            throw;
        }
    }

    /// <summary>
    /// An object that cannot be decoded is left as it was known: it must neither look deleted nor keep all others from being seen.
    /// </summary>
    private void Keep(Dictionary<ObjectKey, StoredObject<T>> objects, JsonElement item)
    {
        try
        {
            var (key, stored) = decoder.Decode(item);
            objects[key] = stored;
        }
        catch (UndecodableEventException e)
        {
            RuntimeMetrics.UndecodableCounter.Add(1, RuntimeMetrics.Tag("kind", kind.Kind));
            logger.LogError(e, "A listed {Kind} cannot be decoded and is left as it was known", kind.Kind);
            if (ObjectDecoder<T>.TryReadKey(item) is { } key && store.TryGetStored(key) is { } known)
            {
                objects[key] = known;
            }
        }
    }
}
