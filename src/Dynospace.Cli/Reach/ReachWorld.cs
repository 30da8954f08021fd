using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Reachability.Addresses;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>What questions are asked about: a live cluster, or manifests and what becomes of them.</summary>
internal sealed record ReachWorld
{
    /// <summary>The Spaces.</summary>
    public required IReadOnlyList<Space> Spaces { get; init; }

    /// <summary>Namespaces, nodes, pods, policies, services and endpoint slices.</summary>
    public required IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects { get; init; }

    /// <summary>Where pods without an address get theirs; null where the nodes tell.</summary>
    public CidrSet? PodRanges { get; init; }

    /// <summary>What the platform team decided.</summary>
    public PlatformOptions Options { get; init; } = new();

    /// <summary>The objects of a kind in a namespace.</summary>
    public IEnumerable<T> In<T>(string @namespace)
        where T : IKubernetesObject<V1ObjectMeta> =>
        Objects.OfType<T>().Where(item => item.Metadata.NamespaceProperty == @namespace);

    public Space? SpaceOf(string? name) => Spaces.FirstOrDefault(space => space.Metadata.Name == name);
}
