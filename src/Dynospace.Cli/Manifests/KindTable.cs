using System.Reflection;
using Dynospace.Api;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Cli.Manifests;

/// <summary>Where objects of a kind live: built-in kinds are known, custom ones are learned from their definitions.</summary>
internal sealed class KindTable
{
    private readonly Dictionary<(string ApiVersion, string Kind), ResourceKind> _kinds = BuiltIn();

    public void Learn(IEnumerable<Manifest> manifests)
    {
        foreach (var manifest in manifests.Where(manifest => manifest.Kind == "CustomResourceDefinition"))
        {
            var definition = JsonObjects.To<V1CustomResourceDefinition>(manifest.Content);
            foreach (var version in definition.Spec?.Versions ?? [])
            {
                var kind = new ResourceKind(
                    definition.Spec!.Group, version.Name, definition.Spec.Names.Plural, definition.Spec.Names.Kind, definition.Spec.Scope == "Namespaced");
                _kinds[(kind.ApiVersion, kind.Kind)] = kind;
            }
        }
    }

    /// <exception cref="CliException">The kind is unknown.</exception>
    public ResourceKind Of(Manifest manifest) => _kinds.TryGetValue((manifest.ApiVersion, manifest.Kind), out var kind)
        ? kind
        : throw new CliException($"{manifest}: {manifest.ApiVersion} has no such kind here: correct apiVersion or kind, or apply its CustomResourceDefinition too.");

    private static Dictionary<(string, string), ResourceKind> BuiltIn() => typeof(V1Pod).Assembly.GetTypes()
        .Concat(typeof(DynospaceGroup).Assembly.GetTypes())
        .Where(type => type.GetCustomAttribute<KubernetesEntityAttribute>()?.PluralName is { Length: > 0 })
        .Select(type => ResourceKind.For(type))
        .Append(ResourceKind.For<Api.Spaces.Space>(isNamespaced: false))
        .GroupBy(kind => (kind.ApiVersion, kind.Kind))
        .ToDictionary(kinds => kinds.Key, kinds => kinds.Last());
}
