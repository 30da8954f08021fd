using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Catalog;

/// <summary>
/// What is served just now: the built-in resources and those of CRDs. Readers take a snapshot; writers replace it.
/// </summary>
public sealed class ResourceCatalog
{
    private readonly IReadOnlyList<ResourceDefinition> _builtIn;
    private readonly Dictionary<string, IReadOnlyList<ResourceDefinition>> _custom = new(StringComparer.Ordinal);
    private volatile CatalogSnapshot _current;

    public ResourceCatalog(IReadOnlyList<ResourceDefinition> builtIn)
    {
        _builtIn = builtIn;
        _current = new CatalogSnapshot(builtIn);
    }

    public CatalogSnapshot Current => _current;

    /// <summary>Serves the resources of a CRD in place of those it had before; the storage version first.</summary>
    public void Set(string crd, IReadOnlyList<ResourceDefinition> definitions)
    {
        lock (_custom)
        {
            _custom[crd] = definitions;
            Refresh();
        }
    }

    public void Remove(string crd)
    {
        lock (_custom)
        {
            if (_custom.Remove(crd))
            {
                Refresh();
            }
        }
    }

    private void Refresh() =>
        _current = new CatalogSnapshot([.. _builtIn, .. _custom.Values.SelectMany(definitions => definitions)]);
}
