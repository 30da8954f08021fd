using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Catalog;

/// <summary>The resources served at one moment. Immutable, so documents made from it can be cached beside it.</summary>
public sealed class CatalogSnapshot
{
    private readonly Dictionary<(string Group, string Version, string Plural), ResourceDefinition> _served = [];
    private readonly Dictionary<ResourceId, ResourceDefinition> _stored = [];

    public CatalogSnapshot(IReadOnlyList<ResourceDefinition> definitions)
    {
        All = definitions;
        foreach (var definition in definitions)
        {
            _served[(definition.Id.Group, definition.Version, definition.Id.Plural)] = definition;
            if (definition.StoredAs is null)
            {
                // The first version listed is the one that is stored.
                _stored.TryAdd(definition.Id, definition);
            }
        }

        Groups = [.. definitions.GroupBy(definition => definition.Id.Group).Select(ApiGroup.From)];
    }

    public IReadOnlyList<ResourceDefinition> All { get; }

    /// <summary>The groups in discovery order; the core group first.</summary>
    public IReadOnlyList<ApiGroup> Groups { get; }

    public ResourceDefinition? Find(string group, string version, string plural) =>
        _served.GetValueOrDefault((group, version, plural));

    public bool Serves(string group, string version) =>
        Groups.Any(item => item.Name == group && item.Versions.Any(served => served.Version == version));

    /// <summary>The definition in which a resource is stored.</summary>
    /// <exception cref="ApiStatusException">404: it is served no longer.</exception>
    public ResourceDefinition Storage(ResourceId resource) =>
        _stored.GetValueOrDefault(resource) ?? throw ApiErrors.UnknownResource();
}
