// Reach: answers who reaches whom, of a cluster or of manifests, and prints the answer.

using System.Net;
using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Rendering;
using Dynospace.Cli.Terminal;
using Dynospace.Hosting;
using Dynospace.Planning.Options;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>What questions are asked about: a live cluster, or manifests and what becomes of them.</summary>
public sealed record ReachWorld
{
    /// <summary>The Spaces.</summary>
    public required IReadOnlyList<Space> Spaces { get; init; }

    /// <summary>Namespaces, nodes, pods, policies, services and endpoint slices.</summary>
    public required IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects { get; init; }

    /// <summary>Where pods without an address get theirs; null where the nodes have ranges.</summary>
    public CidrSet? PodRanges { get; init; }

    /// <summary>What the platform team decided.</summary>
    public PlatformOptions Options { get; init; } = new();

    /// <summary>
    /// Called with a message for each object of another namespace that cannot be read and is left out, which a live
    /// cluster may hold; null where such objects are refused.
    /// </summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Objects of a live cluster that cannot be read at all.</summary>
    public IReadOnlyList<InvalidObjectException> Unreadable { get; init; } = [];

    /// <summary>The objects of a kind in a namespace.</summary>
    public IEnumerable<T> In<T>(string @namespace)
        where T : IKubernetesObject<V1ObjectMeta> =>
        Objects.OfType<T>().Where(item => item.Metadata.NamespaceProperty == @namespace);

    public Space? SpaceOf(string? name) => Spaces.FirstOrDefault(space => space.Metadata.Name == name);
}

/// <summary>Reads a cluster once, in pages.</summary>
public sealed class LiveWorld(IApiTransport transport)
{
    private const int PageSize = 500;

    private readonly List<InvalidObjectException> _unreadable = [];

    /// <param name="kubeconfig">The kubeconfig; null for the usual one.</param>
    /// <param name="context">Its context; null for the current one.</param>
    /// <param name="clock">For time-outs.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="CliException">The cluster cannot be read.</exception>
    public static async Task<ReachWorld> ReadAsync(
        string? kubeconfig, string? context, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            using var client = ApiClient.Create(new ClusterConnection(kubeconfig, context).Read());
            var options = new ApiTransportOptions { UserAgent = CliEnvironment.ClientName };
            return await new LiveWorld(new ApiTransport(client, options, clock)).ReadAsync(cancellationToken);
        }
        catch (Exception e) when (e is KubeconfigException or UriFormatException)
        {
            throw new CliException(
                $"the kubeconfig cannot be used: {e.Message.TrimEnd('.')}. Name one with --kubeconfig FILE, or "
                + $"manifests with -f.",
                e);
        }
        catch (ApiException e)
        {
            throw new CliException(
                $"the cluster refuses to be read: {e.Status.Message} This needs list on Spaces, namespaces, nodes, "
                + $"pods, services, endpointslices and networkpolicies.",
                e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            throw new CliException(
                $"the cluster cannot be reached: {e.Message.TrimEnd('.')}. Check --kubeconfig and --context.", e);
        }
    }

    private async Task<ReachWorld> ReadAsync(CancellationToken cancellationToken) =>
        await ReadObjectsAsync(cancellationToken) with { Unreadable = _unreadable };

    private async Task<ReachWorld> ReadObjectsAsync(CancellationToken cancellationToken) => new()
    {
        Spaces = await SpacesAsync(cancellationToken),
        Objects =
        [
            .. await ListAsync<V1Namespace>(ResourceKind.For<V1Namespace>(), cancellationToken),
            .. await ListAsync<V1Node>(ResourceKind.For<V1Node>(), cancellationToken),
            .. await ListAsync<V1Pod>(ResourceKind.For<V1Pod>(), cancellationToken),
            .. await ListAsync<V1NetworkPolicy>(ResourceKind.For<V1NetworkPolicy>(), cancellationToken),
            .. await ListAsync<V1Service>(ResourceKind.For<V1Service>(), cancellationToken),
            .. await ListAsync<V1EndpointSlice>(ResourceKind.For<V1EndpointSlice>(), cancellationToken),
        ],
    };

    private async Task<List<Space>> SpacesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync<Space>(ResourceKind.For<Space>(isNamespaced: false), cancellationToken);
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.NotFound)
        {
            throw new CliException(
                "the cluster knows no Spaces: install Dynospace first (dynospace crds | kubectl apply --server-side -f "
                + "-).",
                e);
        }
    }

    private async Task<List<T>> ListAsync<T>(ResourceKind kind, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        await transport
            .ListAllAsync(
                kind, new ListQuery { Limit = PageSize }, element => Read<T>(kind, element), cancellationToken)
            .OfType<T>()
            .ToListAsync(cancellationToken);

    /// <summary>One odd object of another user must not end the command.</summary>
    private T? Read<T>(ResourceKind kind, JsonElement element)
        where T : class
    {
        try
        {
            return JsonObjects.To<T>(element);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            var live = LiveObject.Decode(kind, element, keepContent: false);
            _unreadable.Add(new InvalidObjectException(kind.Kind, live.Key.ToString(), e.Message.Split('\n')[0]));
            return null;
        }
    }
}

/// <summary>The cluster as it would be with the manifests applied and nothing else in it.</summary>
public static class ManifestWorld
{
    public static ReachWorld FromRendered(RenderSource source) => new()
    {
        Spaces = source.Input.Spaces,
        Objects =
        [
            .. source.Input.Others.Concat(
                source.Rendered.Objects.Select(item => item is V1Namespace made ? Merged(made, source.Input) : item)),
        ],
        PodRanges = source.PodRanges,
    };

    /// <summary>What the operator applies adds to what was there.</summary>
    private static V1Namespace Merged(V1Namespace made, PlatformInput input)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var there = input.OthersIn<V1Namespace>(null).Where(item => item.Metadata.Name == made.Metadata.Name);
        foreach (var (key, value) in there.Append(made)
            .SelectMany(item => item.Metadata.Labels ?? new Dictionary<string, string>()))
        {
            labels[key] = value;
        }

        return new V1Namespace { Metadata = new V1ObjectMeta { Name = made.Metadata.Name, Labels = labels } };
    }
}

/// <summary>Hands a world to the evaluator.</summary>
internal static class Snapshots
{
    /// <param name="world">What there is.</param>
    /// <param name="ends">Ends of which some may stand in for pods that do not run.</param>
    /// <exception cref="CliException">An object is one that an API server would refuse.</exception>
    public static ReachabilityEvaluator EvaluatorOf(ReachWorld world, IEnumerable<ReachEnd> ends)
    {
        try
        {
            var pods = ends.ToList();
            foreach (var skipped in world.Unreadable)
            {
                Skip(skipped, pods, world.Warn ?? (_ => { }));
            }

            return new ReachabilityEvaluator(
                ClusterSnapshot.From(
                    [.. world.Objects, .. pods.Select(end => end.StandIn).OfType<V1Pod>()],
                    world.PodRanges,
                    world.Warn is { } warn ? skipped => Skip(skipped, pods, warn) : null),
                new() { Judge = new RouterJudge(world).Judge });
        }
        catch (InvalidObjectException e)
        {
            throw new CliException($"{e.Message}: correct it; an API server would refuse it.", e);
        }
    }

    /// <summary>An answer without a policy of an end, or without the end, would be a guess.</summary>
    private static void Skip(InvalidObjectException skipped, IReadOnlyList<ReachEnd> ends, Action<string> warn)
    {
        var concerns = ends.Any(end => end.Endpoint switch
        {
            PodEndpoint pod when skipped.Kind == V1NetworkPolicy.KubeKind =>
                skipped.Name.StartsWith(pod.Namespace + "/", StringComparison.Ordinal),
            var endpoint => skipped.Name == endpoint.ToString() || $"node {skipped.Name}" == endpoint.ToString(),
        });
        if (concerns)
        {
            throw skipped;
        }

        warn($"{skipped.Message}: left out.");
    }
}

/// <summary>Finds the pods of dynos.</summary>
internal static class DynoPodLookup
{
    /// <summary>The dyno's name; null for a pod that no Dyno owns, even if its labels claim one.</summary>
    public static string? DynoOf(V1Pod pod) =>
        pod.Metadata.OwnerReferences?.FirstOrDefault(owner => owner is { Controller: true, Kind: "Dyno" }) is { } owner
        && owner.ApiVersion.StartsWith(DynospaceGroup.Name + "/", StringComparison.Ordinal)
            ? owner.Name
            : null;

    /// <summary>
    /// The dynos of a space that have a pod: one each, the newest that has not ended where there are several.
    /// </summary>
    public static IReadOnlyList<(string Dyno, V1Pod Pod)> InSpace(ReachWorld world, string space) =>
    [
        .. world.In<V1Pod>(space)
            .Select(pod => (Dyno: DynoOf(pod), Pod: pod))
            .Where(entry => entry.Dyno is not null)
            .GroupBy(entry => entry.Dyno!, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(
                group => (group.Key, group.Select(entry => entry.Pod)
                    .OrderBy(Rank)
                    .ThenByDescending(pod => pod.Metadata.CreationTimestamp)
                    .First())),
    ];

    private static int Rank(V1Pod pod) => pod switch
    {
        { Status.Phase: "Succeeded" or "Failed" } => 2,
        { Metadata.DeletionTimestamp: not null } => 1,
        _ => 0,
    };
}
