using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// Keeps the catalog in step with the stored CustomResourceDefinitions: a CRD is served as soon as it is created, and
/// its instances are deleted before it. The registry calls it under its write gate.
/// </summary>
internal sealed class CustomResourceRegistrar(ResourceCatalog catalog, ResourceRegistry registry, TimeProvider clock)
{
    private const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    private readonly ConcurrentDictionary<string, IReadOnlyList<ResourceDefinition>> _compiled = new(
        StringComparer.Ordinal);

    /// <exception cref="ApiStatusException">405: the definition is being deleted and accepts no new
    /// objects.</exception>
    public void EnsureServing(ResourceDefinition definition)
    {
        if (definition.IsCustom && Find(definition.Id) is { } crd && crd.Content.IsTerminating())
        {
            throw new ApiStatusException(
                405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating", []);
        }
    }

    /// <summary>Applies the defaults of a CRD.</summary>
    public static void ApplyDefaults(ResourceDefinition definition, JsonObject content)
    {
        if (definition.Id != KnownResources.CustomResourceDefinitions || content["spec"] is not JsonObject spec)
        {
            return;
        }

        if (spec["names"] is JsonObject names && names.NonEmpty("kind") is { } kind)
        {
            names["singular"] = names.NonEmpty("singular") ?? kind.ToLowerInvariant();
            names["listKind"] = names.NonEmpty("listKind") ?? kind + "List";
        }

        if (!spec.ContainsKey("conversion"))
        {
            spec["conversion"] = new JsonObject { ["strategy"] = "None" };
        }
    }

    /// <summary>Compiles a CRD about to be stored and completes its status; does nothing for other kinds.</summary>
    /// <exception cref="ApiStatusException">422: the schema or a rule is invalid.</exception>
    public void Complete(ResourceDefinition definition, JsonObject content, JsonObject? old)
    {
        if (definition.Id != KnownResources.CustomResourceDefinitions)
        {
            return;
        }

        var name = content.MetadataText("name")!;
        if (old is null || !JsonNode.DeepEquals(old["spec"], content["spec"]))
        {
            var compilation = CrdCompiler.Compile(content, old);
            if (compilation.Errors.Count > 0)
            {
                throw ApiErrors.Invalid(definition.Id.Group, definition.Kind, name, [.. compilation.Errors]);
            }

            _compiled[name] =
            [
                .. compilation.Definitions.OrderByDescending(item => item.Version == compilation.StorageVersion),
            ];
            content["status"] = CrdStatusBuilder.Build(content, compilation.StorageVersion, clock.GetUtcNow());
        }

        if (old is null)
        {
            content.SetFinalizers([.. content.Finalizers().Append(CleanupFinalizer).Distinct(StringComparer.Ordinal)]);
        }
    }

    /// <summary>Updates the catalog after a change was stored.</summary>
    public void Committed(ObjectChange change)
    {
        if (change.Object.Resource == KnownResources.CustomResourceDefinitions)
        {
            FollowDefinition(change);
        }
        else if (change.Type == ChangeType.Deleted)
        {
            ReleaseIfEmpty(change.Object.Resource);
        }
    }

    private void FollowDefinition(ObjectChange change)
    {
        var name = change.Object.Name;
        if (change.Type == ChangeType.Deleted)
        {
            catalog.Remove(name);
            _compiled.TryRemove(name, out _);
            registry.Store.EndWatches(ResourceOf(change.Object.Content));
            return;
        }

        if (_compiled.TryGetValue(name, out var definitions))
        {
            catalog.Set(name, definitions);
        }

        if (change.Object.Content.IsTerminating())
        {
            DeleteInstances(ResourceOf(change.Object.Content));
        }
    }

    private void DeleteInstances(ResourceId resource)
    {
        foreach (var instance in registry.List(resource).Where(instance => !instance.Content.IsTerminating()))
        {
            registry.Delete(resource, instance.Namespace, instance.Name, new DeletionOptions());
        }

        ReleaseIfEmpty(resource);
    }

    private void ReleaseIfEmpty(ResourceId resource)
    {
        if (Find(resource) is { } crd
            && crd.Content.IsTerminating()
            && crd.Content.Finalizers().Contains(CleanupFinalizer)
            && registry.Store.Count(resource) == 0)
        {
            registry.Update(
                KnownResources.CustomResourceDefinitions,
                null,
                crd.Name,
                content => content.SetFinalizers([.. content.Finalizers().Where(item => item != CleanupFinalizer)]),
                new WriteOptions("kube-apiserver"));
        }
    }

    private StoredObject? Find(ResourceId resource) =>
        registry.Get(KnownResources.CustomResourceDefinitions, null, resource.ToString());

    private static ResourceId ResourceOf(JsonObject crd) =>
        new((string)crd["spec"]!["group"]!, (string)crd["spec"]!["names"]!["plural"]!);
}

/// <summary>The status of a served CRD: accepted names, Established, and stored versions.</summary>
internal static class CrdStatusBuilder
{
    public static JsonObject Build(JsonObject crd, string? storageVersion, DateTimeOffset now)
    {
        var status = crd["status"]?.DeepClone() as JsonObject ?? [];
        status["acceptedNames"] = crd["spec"]!["names"]!.DeepClone();
        status["storedVersions"] = StoredVersions(status["storedVersions"] as JsonArray, storageVersion);
        if (status["conditions"] is not JsonArray)
        {
            ConditionList.Set(
                status, ConditionList.Make("NamesAccepted", true, "NoConflicts", "no conflicts found"), now);
            ConditionList.Set(
                status,
                ConditionList.Make(
                    "Established", true, "InitialNamesAccepted", "the initial names have been accepted"),
                now);
        }

        return status;
    }

    private static JsonArray StoredVersions(JsonArray? before, string? storageVersion)
    {
        var versions = (before ?? []).Select(version => (string)version!).ToList();
        if (storageVersion is not null && !versions.Contains(storageVersion))
        {
            versions.Add(storageVersion);
        }

        return new JsonArray([.. versions.Select(version => (JsonNode)version)]);
    }
}
