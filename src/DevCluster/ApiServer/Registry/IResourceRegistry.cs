using System.Text.Json.Nodes;
using System.Threading.Channels;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// The API's verbs without HTTP, authentication and authorization: defaulting, admission, validation, generation and
/// managedFields bookkeeping all happen here, so the in-process controllers and the HTTP handlers see one behaviour.
/// Everything is in memory and synchronous. Failures are <see cref="ApiStatusException"/>.
/// </summary>
public interface IResourceRegistry
{
    /// <summary>The revision of the newest write.</summary>
    long ResourceVersion { get; }

    StoredObject? Get(ResourceId resource, string? ns, string name);

    /// <summary>All objects of a resource, of one namespace when given, ordered by namespace and name.</summary>
    IReadOnlyList<StoredObject> List(ResourceId resource, string? ns = null);

    StoredObject Create(ResourceId resource, JsonObject content, WriteOptions options);

    /// <summary>
    /// Reads, lets <paramref name="change"/> edit a copy, and writes it if it differs; atomic, so never a conflict.
    /// The result is the stored object, the old one when nothing differed. 404 when it does not exist.
    /// </summary>
    StoredObject Update(ResourceId resource, string? ns, string name, Action<JsonObject> change, WriteOptions options);

    /// <summary>
    /// Deletes, or, where finalizers or a pod's grace period ask for it, marks for deletion. Returns the last state;
    /// null if there was nothing to delete.
    /// </summary>
    StoredObject? Delete(ResourceId resource, string? ns, string name, DeletionOptions options);

    /// <summary>
    /// Every change after this call, in order, to every resource. Unbounded: for in-process readers that keep up.
    /// The registration ends when <paramref name="cancellationToken"/> is cancelled.
    /// </summary>
    ChannelReader<ObjectChange> Subscribe(CancellationToken cancellationToken);
}
