using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;
using Microsoft.Extensions.Logging;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// Writes on behalf of one component. An object that is gone or already exists is not an error: another writer was
/// faster, and the watch will report the change.
/// </summary>
internal sealed class ClusterWriter(IResourceRegistry registry, string manager, ILogger logger)
{
    /// <summary>Why the last write was refused; null if it succeeded.</summary>
    public string? Refusal { get; private set; }

    public StoredObject? Create(ResourceId resource, JsonObject content) =>
        Attempt(() => registry.Create(resource, content, new WriteOptions(manager)), resource);

    /// <summary>Edits an object if it still has the same uid; null if it is gone or the write was refused.</summary>
    public StoredObject? Update(StoredObject seen, Action<JsonObject> change, string? subresource = null) =>
        Attempt(
            () => registry.Update(
                seen.Resource,
                seen.Namespace,
                seen.Name,
                content =>
                {
                    if ((string?)content["metadata"]?["uid"] == seen.Uid)
                    {
                        change(content);
                    }
                },
                new WriteOptions(manager, subresource)),
            seen.Resource);

    public StoredObject? Delete(StoredObject seen, DeletionPropagation? propagation = null, long? grace = null) =>
        Attempt(
            () => registry.Delete(
                seen.Resource, seen.Namespace, seen.Name, new DeletionOptions(grace, propagation, seen.Uid)),
            seen.Resource);

    private StoredObject? Attempt(Func<StoredObject?> write, ResourceId resource)
    {
        Refusal = null;
        try
        {
            return write();
        }
        catch (ApiStatusException refusal) when (refusal.Code is 404 or 409)
        {
            logger.LogDebug("{Manager}: {Resource}: {Refusal}", manager, resource, refusal.Message);
            return null;
        }
        catch (ApiStatusException refusal)
        {
            Refusal = refusal.Message;
            logger.LogWarning("{Manager}: {Resource}: {Refusal}", manager, resource, refusal.Message);
            return null;
        }
    }
}
