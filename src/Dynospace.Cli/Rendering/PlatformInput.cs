using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Validation;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Manifests;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>What manifests hold, by kind, each list in order of namespace and name.</summary>
public sealed record PlatformInput
{
    public IReadOnlyList<Space> Spaces { get; init; } = [];

    public IReadOnlyList<App> Apps { get; init; } = [];

    /// <summary>Dynos that users make: one-offs.</summary>
    public IReadOnlyList<Dyno> Dynos { get; init; } = [];

    public IReadOnlyList<V1Secret> Secrets { get; init; } = [];

    /// <summary>Namespaces, nodes, pods, policies, services and endpoint slices.</summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Others { get; init; } = [];

    /// <summary>The objects of a kind in a namespace; null for those of no namespace.</summary>
    public IEnumerable<T> OthersIn<T>(string? @namespace)
        where T : IKubernetesObject<V1ObjectMeta> =>
        Others.OfType<T>().Where(item => item.Metadata.NamespaceProperty == @namespace);
}

/// <summary>
/// Reads manifests as a cluster would: validated and with defaults. Of two with the same name the later counts, as
/// if they were applied in turn.
/// </summary>
public static class PlatformInputReader
{
    private static readonly Dictionary<string, Func<Manifest, IKubernetesObject<V1ObjectMeta>>> Decoders = new(
        StringComparer.Ordinal)
    {
        ["dynospace.dev/v1alpha1 Space"] = Decode<Space>,
        ["dynospace.dev/v1alpha1 App"] = Decode<App>,
        ["dynospace.dev/v1alpha1 Dyno"] = Decode<Dyno>,
        ["v1 Namespace"] = Decode<V1Namespace>,
        ["v1 Node"] = Decode<V1Node>,
        ["v1 Pod"] = Decode<V1Pod>,
        ["v1 Secret"] = Decode<V1Secret>,
        ["v1 Service"] = Decode<V1Service>,
        ["networking.k8s.io/v1 NetworkPolicy"] = Decode<V1NetworkPolicy>,
        ["discovery.k8s.io/v1 EndpointSlice"] = Decode<V1EndpointSlice>,
    };

    /// <param name="environment">Where relative paths start.</param>
    /// <param name="paths">Files and folders.</param>
    /// <exception cref="CliException">A path or an object is refused.</exception>
    public static PlatformInput Read(CliEnvironment environment, IEnumerable<string> paths) => Read(
        ManifestSources.Crds(environment),
        [.. paths.SelectMany(path => ManifestReader.Read(path, environment))]);

    /// <param name="definitions">The CustomResourceDefinitions of the platform.</param>
    /// <param name="manifests">What is to be applied, in order.</param>
    /// <exception cref="CliException">An object is refused.</exception>
    public static PlatformInput Read(IReadOnlyList<Manifest> definitions, IReadOnlyList<Manifest> manifests)
    {
        Refuse(Check(definitions, manifests));
        var findings = new List<string>();
        var objects = new SortedDictionary<string, IKubernetesObject<V1ObjectMeta>>(StringComparer.Ordinal);
        foreach (var manifest in manifests)
        {
            if (Decoders.TryGetValue($"{manifest.ApiVersion} {manifest.Kind}", out var decode))
            {
                var item = decode(manifest);
                if (!manifest.ApiVersion.StartsWith(Api.DynospaceGroup.Name + "/", StringComparison.Ordinal))
                {
                    findings.AddRange(ObjectValidator.CheckFields(manifest, item));
                }

                objects[$"{manifest.Kind} {item.Metadata.NamespaceProperty} {item.Metadata.Name}"] = item;
            }
        }

        Refuse(findings);
        return new PlatformInput
        {
            Spaces = [.. objects.Values.OfType<Space>()],
            Apps = [.. objects.Values.OfType<App>()],
            Dynos = [.. objects.Values.OfType<Dyno>()],
            Secrets = [.. objects.Values.OfType<V1Secret>()],
            Others = [.. objects.Values.Where(item => item is not (Space or App or Dyno or V1Secret))],
        };
    }

    private static List<string> Check(IReadOnlyList<Manifest> definitions, IReadOnlyList<Manifest> manifests)
    {
        var kinds = new KindTable();
        kinds.Learn([.. definitions, .. manifests]);
        var validator = new ResourceValidator([.. definitions, .. manifests]);
        var findings = new List<string>();
        foreach (var manifest in manifests)
        {
            Place(manifest, kinds.KindOf(manifest).IsNamespaced);
            findings.AddRange(ObjectValidator.CheckNames(manifest));
            findings.AddRange(validator.DefaultAndCheck(manifest));
        }

        return findings;
    }

    private static void Refuse(List<string> findings)
    {
        if (findings.Count > 0)
        {
            throw new CliException(findings is [var only]
                ? only
                : $"{findings.Count} mistakes in the manifests:{Environment.NewLine}  "
                    + $"{string.Join(Environment.NewLine + "  ", findings)}");
        }
    }

    /// <summary>As kubectl does without <c>--namespace</c>.</summary>
    private static void Place(Manifest manifest, bool isNamespaced)
    {
        var metadata = manifest.Content["metadata"]!.AsObject();
        foreach (var field in new[] { "name", "namespace" })
        {
            if (metadata[field] is { } value && value.GetValueKind() != JsonValueKind.String)
            {
                throw new CliException(
                    $"{manifest.Source}: {manifest.Kind}: metadata.{field}: {value.ToJsonString()} is not a string: "
                    + "write it in quotes.");
            }
        }

        if (!isNamespaced)
        {
            metadata.Remove("namespace");
        }
        else if (string.IsNullOrEmpty((string?)metadata["namespace"]))
        {
            metadata["namespace"] = "default";
        }
    }

    private static IKubernetesObject<V1ObjectMeta> Decode<T>(Manifest manifest)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return JsonObjects.To<T>(manifest.Content);
        }
        catch (JsonException e)
        {
            throw new CliException(
                $"{manifest}: {e.Path?.TrimStart('$', '.')}: a value of the wrong type: correct it, see kubectl "
                + $"explain {manifest.Kind.ToLowerInvariant()}.",
                e);
        }
    }
}

/// <summary>
/// Checks custom resources as the API server would, by their definitions: unknown fields, schema, defaults and CEL
/// rules.
/// </summary>
internal sealed class ResourceValidator
{
    private readonly Dictionary<(string ApiVersion, string Kind), ResourceDefinition> _definitions;

    /// <exception cref="CliException">A definition is itself invalid.</exception>
    public ResourceValidator(IEnumerable<Manifest> manifests) => _definitions = manifests
        .Where(manifest => manifest.Kind == "CustomResourceDefinition")
        .SelectMany(Compile)
        .GroupBy(definition => ($"{definition.Id.Group}/{definition.Version}", definition.Kind))
        .ToDictionary(same => same.Key, same => same.Last());

    /// <summary>
    /// Fills in defaults and returns problems with field, value and remedy; none for a kind without a definition.
    /// </summary>
    public IReadOnlyList<string> DefaultAndCheck(Manifest manifest)
    {
        if (!_definitions.TryGetValue((manifest.ApiVersion, manifest.Kind), out var definition))
        {
            return [];
        }

        // The status is an observation of some cluster, not part of the desired state.
        manifest.Content.Remove("status");
        var unknown = SchemaPruner.Prune(manifest.Content, definition.Schema, dryRun: true);
        SchemaDefaulter.Default(manifest.Content, definition.Schema);

        // An object is created without a status: creation rules must not see a defaulted status.
        var created = manifest.Content.DeepClone();
        created.AsObject().Remove("status");
        return
        [
            .. unknown.Select(field => $"{manifest}: {field}: unknown field: correct its name or remove it"),
            .. SchemaValidator.Validate(created, null, definition.Schema)
                .Select(error => $"{manifest}: {(error.Field.Length == 0 ? "" : error.Field + ": ")}{error.Message}"),
        ];
    }

    private static IReadOnlyList<ResourceDefinition> Compile(Manifest manifest)
    {
        var compilation = CrdCompiler.Compile((JsonObject)manifest.Content.DeepClone());
        return compilation.Errors is [var error, ..]
            ? throw new CliException($"{manifest} is refused: {error.Field}: {error.Message}")
            : compilation.Definitions;
    }
}
