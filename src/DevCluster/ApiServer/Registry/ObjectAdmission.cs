using System.Text.Json.Nodes;
using DevCluster.ApiServer.Defaults;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.ServerSideApply;
using DevCluster.Schema.Validation;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// The steps from a requested object to a storable one: defaults, field tracking, admission, validation.
/// </summary>
internal sealed class ObjectAdmission(
    IReadOnlyList<IAdmissionPlugin> plugins, CustomResourceRegistrar customResources, TimeProvider clock)
{
    public void Create(WriteRequest request, JsonObject content, IResourceRegistry registry)
    {
        var definition = request.Definition;
        ObjectWriteRules.PrepareCreate(definition, content, clock.GetUtcNow());
        customResources.EnsureServing(definition);
        NullFields.Drop(definition, content);
        ApplyDefaults(request, content);
        Track(request, old: null, content);
        Admit(AdmissionOperation.Create, request, content, old: null, registry);
        var errors = MetadataRules.OnCreate(definition, content)
            .Concat(SchemaFindings(definition, WithoutDefaultStatus(definition, content), old: null)).ToList();
        Refuse(definition, content, errors);
        Validate(AdmissionOperation.Create, request, content, old: null, registry);
        customResources.Complete(definition, content, old: null);
    }

    /// <summary>
    /// Upstream drops the status of a new custom object before validation and restores its default on read, so rules on
    /// the whole object see no status.
    /// </summary>
    private static JsonObject WithoutDefaultStatus(ResourceDefinition definition, JsonObject content)
    {
        if (!definition.IsCustom || !definition.HasStatus || !content.ContainsKey("status"))
        {
            return content;
        }

        var validated = content.DeepClone().AsObject();
        validated.Remove("status");
        return validated;
    }

    public JsonObject Update(WriteRequest request, JsonObject old, JsonObject wanted, IResourceRegistry registry)
    {
        var definition = request.Definition;
        var content = ObjectWriteRules.PrepareUpdate(definition, old, wanted, request.Options.Subresource);
        NullFields.Drop(definition, content);
        ApplyDefaults(request, content);
        if (ObjectMetadata.IsSame(old, content))
        {
            // Admission also runs for a write that changes nothing.
            Validate(AdmissionOperation.Update, request, content, old, registry);
            return content;
        }

        Track(request, old, content);
        Admit(AdmissionOperation.Update, request, content, old, registry);
        var errors = MetadataRules.OnUpdate(definition, old, content)
            .Concat(SchemaFindings(definition, content, old)).ToList();
        Refuse(definition, content, errors);
        ObjectWriteRules.CountGeneration(definition, old, content);
        Validate(AdmissionOperation.Update, request, content, old, registry);
        customResources.Complete(definition, content, old);
        return content;
    }

    public void Delete(
        ResourceDefinition definition, StoredObject old, DeletionOptions options, IResourceRegistry registry)
    {
        var context = new AdmissionContext(
            AdmissionOperation.Delete,
            definition.StorageId,
            null,
            old.Namespace,
            options.IsOfCollection ? "" : old.Name,
            null,
            old.Content,
            options.DryRun,
            registry)
        {
            Definition = options.Requested ?? definition,
            Options = new WriteOptions("kube-controller-manager") { Author = options.Author },
        };
        Run(context, static (plugin, context) => plugin.Admit(context), options.OnWarning);
        Run(context, static (plugin, context) => plugin.Validate(context), options.OnWarning);
    }

    /// <summary>Runs admission for a request that does not write an object: a connection or an eviction.</summary>
    public void Validate(AdmissionContext context, Action<string>? onWarning) =>
        Run(context, static (plugin, context) => plugin.Validate(context), onWarning);

    private void Admit(
        AdmissionOperation operation,
        WriteRequest request,
        JsonObject content,
        JsonObject? old,
        IResourceRegistry registry) =>
        Run(
            Context(operation, request, content, old, registry),
            static (plugin, context) => plugin.Admit(context),
            request.OnWarning);

    private void Validate(
        AdmissionOperation operation,
        WriteRequest request,
        JsonObject content,
        JsonObject? old,
        IResourceRegistry registry)
    {
        var view = request.View ?? (static seen => seen);
        Run(
            Context(operation, request, view(content), old is null ? null : view(old), registry),
            static (plugin, context) => plugin.Validate(context),
            request.OnWarning);
    }

    private static AdmissionContext Context(
        AdmissionOperation operation,
        WriteRequest request,
        JsonObject content,
        JsonObject? old,
        IResourceRegistry registry) =>
        new(
            operation,
            request.Definition.StorageId,
            request.Options.Subresource,
            request.Namespace,
            content.MetadataText("name") ?? "",
            content,
            old,
            request.Options.DryRun,
            registry)
        {
            Definition = request.Options.Requested ?? request.Definition,
            Options = request.Options,
        };

    private void Run(
        AdmissionContext context, Action<IAdmissionPlugin, AdmissionContext> step, Action<string>? onWarning)
    {
        foreach (var plugin in plugins)
        {
            step(plugin, context);
        }

        foreach (var warning in context.Warnings)
        {
            onWarning?.Invoke(warning);
        }
    }

    private void Track(WriteRequest request, JsonObject? old, JsonObject content)
    {
        if (!request.OwnsFields)
        {
            var owned = request.Tracked?.Invoke(content) ?? content;
            FieldOwnership.TrackUpdate(
                old,
                owned,
                request.Definition.Schema,
                request.Options.FieldManager,
                request.Options.Subresource,
                clock.GetUtcNow(),
                request.Definition.HasStatus);
            if (owned != content)
            {
                content.CopyMetadata(owned, "managedFields");
            }
        }
    }

    // Runs before field tracking: a client that creates or updates an object also owns its defaults. An applier does
    // not, because server-side apply has already tracked the applied fields.
    private static void ApplyDefaults(WriteRequest request, JsonObject content)
    {
        var definition = request.Definition;
        if (definition.IsCustom)
        {
            SchemaDefaulter.Default(content, definition.Schema);
        }
        else if (request.Options.Subresource is null)
        {
            BuiltInDefaults.Apply(definition.StorageId, content);
        }

        CustomResourceRegistrar.ApplyDefaults(definition, content);
    }

    /// <summary>
    /// Built-in kinds are typed in the real server: list keys matter only to server-side apply, and duplicate keys (of
    /// environment variables) are accepted.
    /// </summary>
    private static IEnumerable<FieldError> SchemaFindings(
        ResourceDefinition definition, JsonObject content, JsonObject? old) =>
        SchemaValidator.Validate(content, old, definition.Schema)
            .Where(error => definition.IsCustom || error.Reason != "FieldValueDuplicate");

    private static void Refuse(ResourceDefinition definition, JsonObject content, List<FieldError> errors)
    {
        if (errors.Count > 0)
        {
            throw ApiErrors.Invalid(definition.Id.Group, definition.Kind, content.MetadataText("name") ?? "", errors);
        }
    }
}
