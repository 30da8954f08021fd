using System.Collections.Concurrent;
using System.Reflection;
using k8s.Models;

namespace DevCluster.Schema.Structural;

/// <summary>The shapes of the built-in kinds.</summary>
public static class BuiltInSchemas
{
    private static readonly Lazy<Dictionary<(string ApiVersion, string Kind), Type>> Kinds = new(FindKinds);
    private static readonly ConcurrentDictionary<(string ApiVersion, string Kind), TypeSchema> Schemas = new();

    /// <summary>The schema of a kind, the same instance each time.</summary>
    /// <param name="apiVersion"><c>v1</c> or <c>apps/v1</c>.</param>
    /// <exception cref="ArgumentException">No built-in kind of that name is known.</exception>
    public static TypeSchema For(string apiVersion, string kind) => Schemas.GetOrAdd((apiVersion, kind), Build);

    /// <summary>The schema of a definition, <c>io.k8s.api.core.v1.PodSpec</c>; null if there is none.</summary>
    internal static TypeSchema? ForDefinition(string definition) => BuiltInTypes.ForDefinition(definition);

    private static TypeSchema Build((string ApiVersion, string Kind) key) =>
        Kinds.Value.TryGetValue(key, out var model)
            ? BuiltInTypes.Root(model, Package(key.ApiVersion))
            : throw new ArgumentException($"'{key.Kind}' in '{key.ApiVersion}' is no built-in kind.");

    /// <summary>
    /// Where upstream keeps the types of a group version, for the few kinds that the table does not list.
    /// </summary>
    private static string Package(string apiVersion) =>
        apiVersion.Split('/') is [var group, var version]
            ? $"io.k8s.api.{group.Split('.')[0]}.{version}"
            : $"io.k8s.api.core.{apiVersion}";

    private static Dictionary<(string ApiVersion, string Kind), Type> FindKinds()
    {
        var kinds = new Dictionary<(string, string), Type>();
        foreach (var type in typeof(V1Pod).Assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<KubernetesEntityAttribute>() is { } entity)
            {
                var apiVersion = string.IsNullOrEmpty(entity.Group)
                    ? entity.ApiVersion
                    : $"{entity.Group}/{entity.ApiVersion}";
                kinds.TryAdd((apiVersion, entity.Kind), type);
            }
        }

        return kinds;
    }
}
