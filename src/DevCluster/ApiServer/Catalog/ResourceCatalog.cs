// Catalog: the served resources: built-in ones and those that CRDs define.

using System.Globalization;
using System.Text.RegularExpressions;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Catalog;

/// <summary>
/// The served resources: built-in ones and those of CRDs. Readers take a snapshot; writers replace it.
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

    /// <summary>Replaces the resources of a CRD; the storage version is first.</summary>
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

/// <summary>An immutable snapshot of the served resources, so documents derived from it can be cached.</summary>
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
                // The first version listed is the storage version.
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

    /// <summary>The storage version of a resource.</summary>
    /// <exception cref="ApiStatusException">404: it is no longer served.</exception>
    public ResourceDefinition Storage(ResourceId resource) =>
        _stored.GetValueOrDefault(resource) ?? throw ApiErrors.UnknownResource();
}

/// <summary>A group with its versions and their resources, the preferred version first.</summary>
public sealed record ApiGroup(string Name, IReadOnlyList<ApiGroupVersion> Versions)
{
    internal static ApiGroup From(IGrouping<string, ResourceDefinition> group) => new(
        group.Key,
        [
            .. group.GroupBy(definition => definition.Version)
                .Select(
                    version => new ApiGroupVersion(
                        version.Key, [.. version.OrderBy(definition => definition.Id.Plural, StringComparer.Ordinal)]))
                .OrderBy(version => version.Version, VersionPriority.Comparer),
        ]);
}

/// <summary>One version of a group.</summary>
public sealed record ApiGroupVersion(string Version, IReadOnlyList<ResourceDefinition> Resources);

/// <summary>
/// The order in which Kubernetes prefers versions: v2, v1, v1beta2, v1beta1, v1alpha1, then the rest by name.
/// </summary>
internal static partial class VersionPriority
{
    public static IComparer<string> Comparer { get; } = Comparer<string>.Create(Compare);

    private static int Compare(string? left, string? right)
    {
        var (leftRank, rightRank) = (Rank(left!), Rank(right!));
        var byRank = rightRank.CompareTo(leftRank);
        return byRank != 0 ? byRank : string.CompareOrdinal(left, right);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        var match = Pattern().Match(version);
        if (!match.Success)
        {
            return (0, 0, 0);
        }

        var stability = match.Groups[2].Value switch { "" => 3, "beta" => 2, _ => 1 };
        return (stability, Number(match.Groups[1].Value), Number(match.Groups[3].Value));
    }

    private static int Number(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"\Av([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?\z")]
    private static partial Regex Pattern();
}
