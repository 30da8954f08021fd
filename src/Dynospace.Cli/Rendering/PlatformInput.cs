using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>What manifests hold, by kind, each list in order of namespace and name.</summary>
internal sealed record PlatformInput
{
    public IReadOnlyList<Space> Spaces { get; init; } = [];

    public IReadOnlyList<App> Apps { get; init; } = [];

    /// <summary>Dynos that people make: one-offs.</summary>
    public IReadOnlyList<Dyno> Dynos { get; init; } = [];

    public IReadOnlyList<V1Secret> Secrets { get; init; } = [];

    /// <summary>Namespaces, nodes, pods, policies, services and endpoint slices.</summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Others { get; init; } = [];

    /// <summary>The objects of a kind in a namespace; null for those of no namespace.</summary>
    public IEnumerable<T> OthersIn<T>(string? @namespace)
        where T : IKubernetesObject<V1ObjectMeta> =>
        Others.OfType<T>().Where(item => item.Metadata.NamespaceProperty == @namespace);
}
