// Caching: one informer for each kind that plans depend on, with the projections and indexes that are kept of its
// objects.

using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// The informers that every controller reads from. Kinds with many objects are kept as slim projections, and Secrets
/// only as hashes.
/// </summary>
public sealed class ClusterCaches
{
    /// <summary>
    /// Helm keeps a release's whole manifests in Secrets of this type; no app takes config vars from them.
    /// </summary>
    private const string WithoutHelmReleases = "type!=helm.sh/release.v1";

    private readonly IApiTransport _transport;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggers;

    public ClusterCaches(IApiTransport transport, PlatformOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        (_transport, _clock, _loggers) = (transport, clock, loggers);
        Spaces = Create(Kinds.Space, new InformerOptions<Space>());
        Apps = Create(Kinds.App, new InformerOptions<App>
        {
            KeepManager = WebScale.Keep,
            Indexers = Index<App>(
                (Indexes.Namespace, app => [app.Metadata.NamespaceProperty]),
                (Indexes.Domain, app => (app.Spec.Domains ?? []).Distinct()),
                (Indexes.Secret, app =>
                    SecretsOf(app).Select(secret => Joined(app.Metadata.NamespaceProperty, secret)))),
        });
        Dynos = Create(Kinds.Dyno, new InformerOptions<Dyno>
        {
            Indexers = Index<Dyno>(
                (Indexes.Namespace, dyno => [dyno.Metadata.NamespaceProperty]),
                (Indexes.App, dyno => [Joined(dyno.Metadata.NamespaceProperty, dyno.Spec.App)])),
        });
        Namespaces = Create(Kinds.Namespace, new InformerOptions<V1Namespace>());
        Nodes = Create(Kinds.Node, new InformerOptions<NodeState> { Decode = NodeState.Decode });
        Policies = Create(Kinds.NetworkPolicy, new InformerOptions<V1NetworkPolicy>
        {
            Indexers = Index<V1NetworkPolicy>(
                (Indexes.Namespace, policy => [policy.Metadata.NamespaceProperty]),
                (Indexes.ComponentOwner, policy => ComponentCaches.OwnerOf(policy.Metadata.Labels))),
        });
        Services = Create(Kinds.Service, ServiceOptions());
        Pods = Create(Kinds.Pod, PodOptions());
        Secrets = Create(Kinds.Secret, new InformerOptions<SecretState>
        {
            Decode = secret => SecretState.Decode(secret) with { ObservedAt = clock.GetUtcNow() },
            FieldSelector = WithoutHelmReleases,
            Indexers = Index<SecretState>(
                (Indexes.Owner, secret => secret.OwnerUid is { } owner ? [owner] : []),
                (Indexes.OrphanOf, secret => secret is { App: { } app, OwnerUid: null }
                    ? [Joined(secret.Namespace, app)]
                    : []),
                (Indexes.Namespace, secret => [secret.Namespace])),
        });
        Releases = Create(Kinds.ControllerRevision, ReleaseOptions());
        DaemonSets = Create(Kinds.DaemonSet, new InformerOptions<DaemonSetState> { Decode = DaemonSetState.Decode });
        ServiceCidrs = Create(
            Kinds.ServiceCidr,
            new InformerOptions<ServiceCidrState> { Decode = ServiceCidrState.Decode, IsOptional = true });
        NodeNetworks = Create(
            Kinds.NodeNetwork,
            new InformerOptions<NodeNetworkState> { Decode = NodeNetworkState.Decode, IsOptional = true });
        ApiServers = Create(Kinds.EndpointSlice, new InformerOptions<ApiServerSlice>
        {
            Decode = ApiServerSlice.Decode,
            Namespace = ApiServerSlice.Namespace,
            LabelSelector = $"kubernetes.io/service-name={ApiServerSlice.Service}",
        });
        CallerBooks = Create(Kinds.ConfigMap, new InformerOptions<LiveObject>
        {
            Decode = element => LiveObject.Decode(Kinds.ConfigMap, element),
            Namespace = options.Cluster.SystemNamespace,
            LabelSelector =
                $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.Component}={ComponentValues.RouterCallers}",
        });
        Budgets = Create(Kinds.DisruptionBudget, new InformerOptions<BudgetState>
        {
            Decode = BudgetState.Decode,
            Indexers = Index<BudgetState>((Indexes.Namespace, budget => [budget.Live.Key.Namespace!])),
        });
        Endpoints = Create(Kinds.EndpointSlice, new InformerOptions<WebEndpoints>
        {
            Decode = WebEndpoints.Decode,
            LabelSelector = WebEndpoints.Selector,
            Indexers = Index<WebEndpoints>((Indexes.App, slice => [Joined(slice.Namespace, slice.App)])),
        });
        HostGrants = Create(Kinds.ConfigMap, GrantOptions(options.Cluster.SystemNamespace));
        Components = new ComponentCaches(transport, [options.Cluster.SystemNamespace], clock, loggers);
        Providers = new ProviderCaches(transport, options.Router, clock, loggers);
        Egress = new EgressCaches(transport, options, clock, loggers);
        All =
        [
            Spaces,
            Apps,
            Dynos,
            Namespaces,
            Nodes,
            Policies,
            Services,
            Pods,
            Secrets,
            Releases,
            DaemonSets,
            ServiceCidrs,
            NodeNetworks,
            ApiServers,
            Budgets,
            Endpoints,
            HostGrants,
            CallerBooks,
            .. Components.All, .. Providers.All, .. Egress.All,
        ];
    }

    public IInformer<Space> Spaces { get; }

    public IInformer<App> Apps { get; }

    public IInformer<Dyno> Dynos { get; }

    public IInformer<V1Namespace> Namespaces { get; }

    public IInformer<NodeState> Nodes { get; }

    public IInformer<V1NetworkPolicy> Policies { get; }

    /// <summary>
    /// Every Service of the cluster, so that names that are taken are known; only the operator's own Services keep
    /// their content.
    /// </summary>
    public IInformer<ServiceState> Services { get; }

    public IInformer<PodFacts> Pods { get; }

    public IInformer<SecretState> Secrets { get; }

    public IInformer<StoredRelease> Releases { get; }

    public IInformer<DaemonSetState> DaemonSets { get; }

    /// <summary>The ranges of Services' addresses; a kind that Kubernetes serves since 1.33.</summary>
    public IInformer<ServiceCidrState> ServiceCidrs { get; }

    /// <summary>What node agents claim and report.</summary>
    public IInformer<NodeNetworkState> NodeNetworks { get; }

    /// <summary>The endpoints of the API server's own Service.</summary>
    public IInformer<ApiServerSlice> ApiServers { get; }

    /// <summary>
    /// Every PodDisruptionBudget of the cluster, since two of them for one pod keep it from being evicted.
    /// </summary>
    public IInformer<BudgetState> Budgets { get; }

    /// <summary>The endpoints of apps' web Services.</summary>
    public IInformer<WebEndpoints> Endpoints { get; }

    /// <summary>The records of granted hosts.</summary>
    public IInformer<HostGrant> HostGrants { get; }

    /// <summary>What is published to routers about callers.</summary>
    public IInformer<LiveObject> CallerBooks { get; }

    public ComponentCaches Components { get; }

    public ProviderCaches Providers { get; }

    public EgressCaches Egress { get; }

    public IReadOnlyList<IInformer> All { get; }

    /// <summary>
    /// An object as the applier needs it; null if no cache holds it. The caches hold all Namespaces, policies,
    /// Services, Apps and Dynos, and the operator's own objects of other kinds.
    /// </summary>
    public LiveObject? Find(ResourceKind kind, ObjectKey key) => kind switch
    {
        _ when kind == Kinds.Namespace => Live(kind, Namespaces.Store.Get(key)),
        _ when kind == Kinds.NetworkPolicy => Live(kind, Policies.Store.Get(key)),
        _ when kind == Kinds.Service => Services.Store.Get(key)?.Live,
        _ when kind == Kinds.Dyno => Live(kind, Dynos.Store.Get(key)),
        _ when kind == Kinds.App => Live(kind, Apps.Store.Get(key)),
        _ when kind == Kinds.DisruptionBudget => Components.Find(kind, key) ?? Budgets.Store.Get(key)?.Live,
        _ when kind == Kinds.ControllerRevision => Releases.Store.Get(key)?.Live,
        _ when kind == Kinds.ConfigMap => CallerBooks.Store.Get(key) ?? Components.Find(kind, key),
        _ => Components.Find(kind, key) ?? Providers.Find(kind, key) ?? Egress.Find(kind, key),
    };

    /// <summary>
    /// Whether the operator made an object for an owner that is gone. A restore from a backup gives every object
    /// another uid and removes the owner references.
    /// </summary>
    public bool IsOrphaned(LiveObject live) => live.ControllerUid is null && IsMadeForGoneOwner(live.Labels);

    /// <inheritdoc cref="IsOrphaned(LiveObject)"/>
    public bool IsOrphaned(Dyno dyno) =>
        dyno.Metadata.OwnerReferences is null or [] && IsOrphaned(LiveObject.FromObject(Kinds.Dyno, dyno));

    /// <summary>
    /// Whether a pod was made for a dyno or a trial and has no owner, as after a restore. Its labels would bring it
    /// traffic, or let it pass for a canary. A pod that imitates a canary has no mark of an owner that is gone.
    /// </summary>
    public bool IsStray(PodFacts pod) =>
        pod.OwnerUid is null && (pod.Dyno is not null || (pod.Canary is not null && IsMadeForGoneOwner(pod.Labels)));

    private bool IsMadeForGoneOwner(IReadOnlyDictionary<string, string> labels) =>
        labels.AreManaged() && labels.TryGetValue(Labels.OwnerUid, out var owner) && !IsAlive(owner);

    /// <summary>Whether an object that may own children has this uid.</summary>
    public bool IsAlive(string uid) =>
        Spaces.Store.List().Any(space => space.Metadata.Uid == uid)
        || Namespaces.Store.List().Any(ns => ns.Metadata.Uid == uid)
        || Apps.Store.List().Any(app => app.Metadata.Uid == uid)
        || Dynos.Store.List().Any(dyno => dyno.Metadata.Uid == uid);

    private static LiveObject? Live(ResourceKind kind, IKubernetesObject<V1ObjectMeta>? found) =>
        found is null ? null : LiveObject.FromObject(kind, found);

    /// <summary>The key of the indexes over <c>namespace/name</c>.</summary>
    public static string Joined(string? ns, string name) => $"{ns}/{name}";

    private static InformerOptions<ServiceState> ServiceOptions() => new()
    {
        Decode = ServiceState.Decode,
        Indexers = Index<ServiceState>(
            (Indexes.Owner, service => service.Live.ControllerUid is { } owner ? [owner] : []),
            (Indexes.ComponentOwner, service => ComponentCaches.OwnerOf(service.Live.Labels))),
    };

    private static InformerOptions<PodFacts> PodOptions() => new()
    {
        Decode = PodFacts.Parse,
        Indexers = Index<PodFacts>(
            (Indexes.Owner, pod => pod.OwnerUid is { } owner && (pod.Dyno is not null || pod.Canary is not null)
                ? [owner]
                : []),
            (Indexes.Namespace, pod => [pod.Namespace])),
    };

    private static InformerOptions<StoredRelease> ReleaseOptions() => new()
    {
        Decode = StoredRelease.Decode,
        LabelSelector = $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.App}",
        Indexers = Index<StoredRelease>((Indexes.App, release => [Joined(release.App.Namespace, release.App.Name)])),
    };

    private static InformerOptions<HostGrant> GrantOptions(string systemNamespace) => new()
    {
        // A ConfigMap that is not a record counts as one of no App.
        Decode = element => HostGrant.FromConfigMap(JsonObjects.To<V1ConfigMap>(element))
            ?? new HostGrant("", new("", "")),
        Namespace = systemNamespace,
        LabelSelector = $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.Component}={ComponentValues.HostGrant}",
        Indexers = Index<HostGrant>((Indexes.App, grant => [Joined(grant.Holder.Space, grant.Holder.App)])),
    };

    private static IEnumerable<string> SecretsOf(App app) =>
        (app.Spec.ConfigFrom ?? []).Select(source => source.SecretRef.Name).Concat(TlsNames.SecretsOf(app)).Distinct();

    private static Dictionary<string, Func<T, IEnumerable<string>>> Index<T>(
        params (string Name, Func<T, IEnumerable<string>> Keys)[] indexers) =>
        indexers.ToDictionary(indexer => indexer.Name, indexer => indexer.Keys);

    private Informer<T> Create<T>(ResourceKind kind, InformerOptions<T> options)
        where T : class => new(_transport, kind, options, _clock, _loggers.CreateLogger<Informer<T>>());
}
