using System.Reflection;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Cli.Manifests;

/// <summary>
/// Applies objects server-side, and retries those that cannot be applied yet: CRDs, spaces and namespaces take a
/// moment to exist.
/// </summary>
public sealed class ManifestApplier(IApiTransport transport, KindTable kinds, TimeProvider clock)
{
    private static readonly WriteQuery Query = new() { FieldManager = "dynospace-dev", Force = true };

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private volatile IReadOnlyList<string> _waiting = [];

    /// <summary>The objects that are not applied yet, with the reason.</summary>
    public IReadOnlyList<string> Waiting => _waiting;

    /// <exception cref="CliException">The API server refuses an object for good.</exception>
    public async Task ApplyAsync(IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        var remaining = manifests;
        while (true)
        {
            var waiting = new List<(Manifest Manifest, string Cause)>();
            foreach (var manifest in remaining)
            {
                if (await TryApplyAsync(manifest, cancellationToken) is { } cause)
                {
                    waiting.Add((manifest, cause));
                }
            }

            _waiting = [.. waiting.Select(entry => $"{entry.Manifest} is not applied yet: {entry.Cause}")];
            if (waiting.Count == 0)
            {
                return;
            }

            remaining = [.. waiting.Select(entry => entry.Manifest)];
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>Waits until the API server serves the kinds of CRDs.</summary>
    public async Task WaitForEstablishedAsync(IEnumerable<Manifest> definitions, CancellationToken cancellationToken)
    {
        foreach (var manifest in definitions.Where(manifest => manifest.Kind == "CustomResourceDefinition"))
        {
            while (!IsEstablished(await transport.GetAsync(kinds.KindOf(manifest), manifest.Key, cancellationToken)))
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    /// <summary>Null if applied, else the reason.</summary>
    private async Task<string?> TryApplyAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        var kind = kinds.KindOf(manifest);
        var key = kind.IsNamespaced
            ? manifest.Key with { Namespace = manifest.Key.Namespace ?? "default" }
            : ObjectKey.ClusterScoped(manifest.Key.Name);
        try
        {
            await transport.ApplyAsync(kind, key, manifest.Content, Query, cancellationToken);
            return null;
        }
        catch (ApiException e) when (!PassesByItself(e))
        {
            throw new CliException($"{manifest} is refused: {e.Status.Message}", e);
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e))
        {
            return e is ApiException api ? api.Status.Message : e.Message;
        }
    }

    /// <summary>
    /// Besides the usual: a namespace that its Space has not made yet, a kind that is not served yet.
    /// </summary>
    private static bool PassesByItself(ApiException e) =>
        e.IsNotFound || e.IsNamespaceTerminating || FailureClassifier.Classify(e) == FailureClass.Transient;

    private static bool IsEstablished(JsonObject definition) => (definition["status"]?["conditions"] as JsonArray ?? [])
        .Any(condition => (string?)condition!["type"] == "Established" && (string?)condition["status"] == "True");
}

/// <summary>
/// Where objects of a kind live: built-in kinds are known, custom ones are learned from their definitions.
/// </summary>
public sealed class KindTable
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
                    definition.Spec!.Group,
                    version.Name,
                    definition.Spec.Names.Plural,
                    definition.Spec.Names.Kind,
                    definition.Spec.Scope == "Namespaced");
                _kinds[(kind.ApiVersion, kind.Kind)] = kind;
            }
        }
    }

    /// <exception cref="CliException">The kind is unknown.</exception>
    public ResourceKind KindOf(Manifest manifest) =>
        _kinds.TryGetValue((manifest.ApiVersion, manifest.Kind), out var kind)
            ? kind
            : throw new CliException(
                $"{manifest}: {manifest.ApiVersion} has no such kind here: correct apiVersion or kind, or apply its "
                + $"CustomResourceDefinition too.");

    private static Dictionary<(string, string), ResourceKind> BuiltIn() => typeof(V1Pod).Assembly.GetTypes()
        .Concat(typeof(DynospaceGroup).Assembly.GetTypes())
        .Where(type => type.GetCustomAttribute<KubernetesEntityAttribute>()?.PluralName is { Length: > 0 })
        .Select(type => ResourceKind.For(type))
        .Append(ResourceKind.For<Api.Spaces.Space>(isNamespaced: false))
        .GroupBy(kind => (kind.ApiVersion, kind.Kind))
        .ToDictionary(kinds => kinds.Key, kinds => kinds.Last());
}
