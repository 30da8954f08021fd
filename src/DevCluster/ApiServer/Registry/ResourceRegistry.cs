using System.Text.Json.Nodes;
using System.Threading.Channels;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// The registry over the in-memory store. Each write is decided and committed atomically, one at a time.
/// </summary>
public sealed class ResourceRegistry : IResourceRegistry
{
    private const int GenerateNameAttempts = 8;

    private readonly ResourceCatalog _catalog;
    private readonly ObjectAdmission _admission;
    private readonly CustomResourceRegistrar _customResources;
    private readonly TimeProvider _clock;

    public ResourceRegistry(ResourceCatalog catalog, IReadOnlyList<IAdmissionPlugin> plugins, TimeProvider clock)
    {
        _catalog = catalog;
        _clock = clock;
        _customResources = new CustomResourceRegistrar(catalog, this, clock);
        _admission = new ObjectAdmission(plugins, _customResources, clock);
    }

    public long ResourceVersion => Store.Revision;

    internal ClusterStore Store { get; } = new();

    internal ResourceCatalog Catalog => _catalog;

    public StoredObject? Get(ResourceId resource, string? ns, string name) => Store.Find(resource, ns, name);

    public IReadOnlyList<StoredObject> List(ResourceId resource, string? ns = null) => Store.List(resource, ns).Objects;

    public ResourceDefinition? FindKind(string apiVersion, string kind) => _catalog.Current.All.FirstOrDefault(
        definition => definition.Kind == kind && definition.ApiVersion == apiVersion && !definition.IsVirtual);

    public ChannelReader<ObjectChange> Subscribe(CancellationToken cancellationToken) =>
        Store.Subscribe(cancellationToken);

    public StoredObject Create(ResourceId resource, JsonObject content, WriteOptions options)
    {
        var ns = content.MetadataText("namespace");
        return Create(
            new WriteRequest(
                Definition(resource), ns, content.MetadataText("name") ?? "", options, _ => content)).Object;
    }

    public StoredObject Update(
        ResourceId resource, string? ns, string name, Action<JsonObject> change, WriteOptions options)
    {
        JsonObject Next(JsonObject? old)
        {
            var copy = old!.DeepClone().AsObject();
            change(copy);
            return copy;
        }

        return Write(new WriteRequest(Definition(resource), ns, name, options, Next)).Object;
    }

    public StoredObject? Delete(ResourceId resource, string? ns, string name, DeletionOptions options)
    {
        lock (Store.WriteGate)
        {
            var old = Store.Find(resource, ns, name);
            return old is null ? null : Delete(Definition(resource), old, options).Object;
        }
    }

    internal WriteResult Create(WriteRequest request)
    {
        lock (Store.WriteGate)
        {
            for (var attempt = 1; ; attempt++)
            {
                // Copied for each attempt: the caller keeps its object, and admission edits the copy.
                var content = request.Next(null).DeepClone().AsObject();
                var isGenerated = content.MetadataText("name") is null;
                if (!isGenerated)
                {
                    RefuseExisting(request, content.MetadataText("name")!);
                }

                if (request.Namespace is not null)
                {
                    content.Metadata()["namespace"] = request.Namespace;
                }

                _admission.Create(request, content, this);
                var name = content.MetadataText("name")!;
                if (isGenerated
                    && attempt < GenerateNameAttempts
                    && Store.Find(request.Definition.StorageId, request.Namespace, name) is not null)
                {
                    continue;
                }

                RefuseExisting(request, name);
                return new WriteResult(
                    Commit(request.Definition, ChangeType.Added, content, null, request.Options.DryRun), Created: true);
            }
        }
    }

    /// <summary>
    /// Update, patch and apply: reads the object, computes its next state, and stores it if it differs.
    /// </summary>
    internal WriteResult Write(WriteRequest request)
    {
        lock (Store.WriteGate)
        {
            var old = Store.Find(request.Definition.StorageId, request.Namespace, request.Name);
            if (old is null)
            {
                return request.CreatesMissing
                    ? Create(request)
                    : throw ApiErrors.NotFound(request.Definition.Id, request.Name);
            }

            var wanted = request.Next(old.Content);
            Precondition(request, old, wanted);
            var content = _admission.Update(request, old.Content, wanted, this);
            if (ObjectMetadata.IsSame(old.Content, content))
            {
                return new WriteResult(old, Created: false);
            }

            var type = DeletionRules.IsFinished(request.Definition, content) ? ChangeType.Deleted : ChangeType.Modified;
            return new WriteResult(
                Commit(request.Definition, type, content, old, request.Options.DryRun), Created: false);
        }
    }

    /// <summary>Runs admission for a request that does not write an object: a connection or an eviction.</summary>
    internal void Judge(AdmissionContext context, Action<string>? onWarning)
    {
        lock (Store.WriteGate)
        {
            _admission.Validate(context, onWarning);
        }
    }

    /// <summary>Deletes an object; the result shows whether it is gone or only marked.</summary>
    internal DeletionResult Delete(ResourceDefinition definition, StoredObject found, DeletionOptions options)
    {
        lock (Store.WriteGate)
        {
            var old = Store.Find(definition.StorageId, found.Namespace, found.Name)
                ?? throw ApiErrors.NotFound(definition.Id, found.Name);
            RefuseOther(definition, old, options);
            _admission.Delete(definition, old, options, this);
            var next = DeletionRules.Decide(definition, old.Content, options, _clock.GetUtcNow());
            if (next is null)
            {
                return new DeletionResult(
                    Commit(definition, ChangeType.Deleted, old.CloneContent(), old, options.DryRun), Gone: true);
            }

            return ObjectMetadata.IsSame(old.Content, next)
                ? new DeletionResult(old, Gone: false)
                : new DeletionResult(Commit(definition, ChangeType.Modified, next, old, options.DryRun), Gone: false);
        }
    }

    private StoredObject Commit(
        ResourceDefinition definition, ChangeType type, JsonObject content, StoredObject? old, bool dryRun)
    {
        if (dryRun)
        {
            JsonNumbers.NormalizeObject(content);
            return new StoredObject(definition.StorageId, old?.ResourceVersion ?? 0, content);
        }

        var revision = Store.Revision + 1;
        ObjectWriteRules.Stamp(content, revision);
        var stored = new StoredObject(definition.StorageId, revision, content);
        var change = new ObjectChange(type, stored, old);
        Store.Commit(change);
        _customResources.Committed(change);
        return stored;
    }

    private void RefuseExisting(WriteRequest request, string name)
    {
        if (Store.Find(request.Definition.StorageId, request.Namespace, name) is not null)
        {
            throw ApiErrors.AlreadyExists(request.Definition.Id, name);
        }
    }

    private static void Precondition(WriteRequest request, StoredObject old, JsonObject wanted)
    {
        var uid = wanted.MetadataText("uid");
        if (uid is not null && uid != old.Uid)
        {
            throw ApiErrors.Conflict(
                request.Definition.Id,
                request.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.Uid}");
        }

        var version = wanted.MetadataText("resourceVersion");
        if (version is not null && version != old.Content.MetadataText("resourceVersion"))
        {
            throw ApiErrors.Modified(request.Definition.Id, request.Name);
        }
    }

    /// <exception cref="ApiStatusException">409: the object does not match the preconditions.</exception>
    internal static void RefuseOther(ResourceDefinition definition, StoredObject old, DeletionOptions options)
    {
        var resource = new ResourceId(definition.Id.Group, definition.Kind);
        if (options.PreconditionUid is { Length: > 0 } uid && uid != old.Uid)
        {
            throw ApiErrors.Conflict(
                resource,
                old.Name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({old.Uid}). "
                + "The object might have been deleted and then recreated");
        }

        var version = old.Content.MetadataText("resourceVersion");
        if (options.PreconditionResourceVersion is { Length: > 0 } wanted && wanted != version)
        {
            throw ApiErrors.Conflict(
                resource,
                old.Name,
                $"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record "
                + $"({version}). "
                + "The object might have been modified");
        }
    }

    private ResourceDefinition Definition(ResourceId resource) => _catalog.Current.Storage(resource);
}

/// <summary>
/// The API's verbs without HTTP, authentication and authorization. Defaulting, admission, validation, generation and
/// managedFields are handled here, so in-process controllers and HTTP handlers see the same behavior. Everything is in
/// memory and synchronous. Failures are <see cref="ApiStatusException"/>.
/// </summary>
public interface IResourceRegistry
{
    /// <summary>The revision of the latest write.</summary>
    long ResourceVersion { get; }

    StoredObject? Get(ResourceId resource, string? ns, string name);

    /// <summary>All objects of a resource, optionally of one namespace, ordered by namespace and name.</summary>
    IReadOnlyList<StoredObject> List(ResourceId resource, string? ns = null);

    /// <summary>The resource that serves a kind in a version; null if there is none.</summary>
    ResourceDefinition? FindKind(string apiVersion, string kind);

    StoredObject Create(ResourceId resource, JsonObject content, WriteOptions options);

    /// <summary>
    /// Reads an object, lets <paramref name="change"/> edit a copy, and writes it if it differs. The operation is
    /// atomic, so it never conflicts. Returns the stored object, unchanged if nothing differs. 404 if it does not
    /// exist.
    /// </summary>
    StoredObject Update(ResourceId resource, string? ns, string name, Action<JsonObject> change, WriteOptions options);

    /// <summary>
    /// Deletes an object, or marks it for deletion if it has finalizers or a grace period. Returns the last state; null
    /// if it does not exist.
    /// </summary>
    StoredObject? Delete(ResourceId resource, string? ns, string name, DeletionOptions options);

    /// <summary>
    /// All changes of all resources after this call, in order. The channel is unbounded, for in-process readers that
    /// keep up. The subscription ends when <paramref name="cancellationToken"/> is cancelled.
    /// </summary>
    ChannelReader<ObjectChange> Subscribe(CancellationToken cancellationToken);
}
