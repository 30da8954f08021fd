using System.Text.Json;
using Dynospace.Api;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// The informers of what system components are made of. Only parts that bear the component label are kept; Services and
/// policies are cached for the whole cluster elsewhere.
/// </summary>
public sealed class ComponentCaches
{
    /// <summary>Canaries bear the label too, but are pods, which are not kept here.</summary>
    private const string ComponentParts = $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.Component}";

    /// <summary>Other ConfigMaps of the operator are records, not parts.</summary>
    private const string Configurations =
        $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.Component}={ComponentValues.SpaceDns}";

    private static readonly ResourceKind[] Rights =
    [
        Kinds.Role,
        Kinds.RoleBinding,
        Kinds.ClusterRole,
        Kinds.ClusterRoleBinding,
    ];

    private static readonly ResourceKind[] Companions = [Kinds.ServiceAccount, Kinds.DisruptionBudget];

    /// <param name="namespaces">Where components run. Except for rights, nothing outside these namespaces is asked
    /// for.</param>
    public ComponentCaches(
        IApiTransport transport, IReadOnlyList<string> namespaces, TimeProvider clock, ILoggerFactory loggers)
    {
        Deployments =
        [
            .. namespaces.Select(ns => new Informer<DeploymentState>(
                transport,
                Kinds.Deployment,
                Options(DeploymentState.Decode, state => state.Live, ns),
                clock,
                loggers.CreateLogger<Informer<DeploymentState>>())),
        ];
        Parts =
        [
            .. Companions.SelectMany(kind => namespaces.Select(ns => Create(kind, ns))),
            .. namespaces.Select(ns => Create(Kinds.ConfigMap, ns, Configurations)),
            .. Rights.Select(kind => Create(kind, ns: null)),
        ];

        Informer<LiveObject> Create(ResourceKind kind, string? ns, string selector = ComponentParts) => new(
            transport,
            kind,
            Options(element => ManagedObjects.DecodeOwn(kind, element), live => live, ns, selector),
            clock,
            loggers.CreateLogger<Informer<LiveObject>>());
    }

    /// <summary>The workloads.</summary>
    public IReadOnlyList<IInformer<DeploymentState>> Deployments { get; }

    /// <summary>Accounts, disruption budgets, rights and configurations.</summary>
    public IReadOnlyList<IInformer<LiveObject>> Parts { get; }

    public IEnumerable<IInformer> All => [.. Deployments, .. Parts];

    /// <summary>One part; null for a kind that is not kept here, or an object that is not there.</summary>
    public LiveObject? Find(ResourceKind kind, ObjectKey key) => kind == Kinds.Deployment
        ? FindDeployment(key)?.Live
        : Parts.Where(informer => informer.Kind == kind)
            .Select(informer => informer.Store.Get(key))
            .FirstOrDefault(found => found is not null);

    /// <summary>One workload; null when it is not there.</summary>
    public DeploymentState? FindDeployment(ObjectKey key) =>
        Deployments.Select(informer => informer.Store.Get(key)).FirstOrDefault(found => found is not null);

    /// <summary>All parts kept here whose label names this owner.</summary>
    public IEnumerable<LiveObject> OfOwner(string ownerUid) =>
        Deployments.SelectMany(informer => informer.Store.ByIndex(Indexes.ComponentOwner, ownerUid))
            .Select(deployment => deployment.Live)
                .Concat(Parts.SelectMany(informer => informer.Store.ByIndex(Indexes.ComponentOwner, ownerUid)));

    /// <summary>All parts kept here that bear the label of this space.</summary>
    public IEnumerable<LiveObject> OfSpace(string space) =>
        Deployments.SelectMany(informer => informer.Store.List()).Select(deployment => deployment.Live)
            .Concat(Parts.SelectMany(informer => informer.Store.List()))
            .Where(part => part.Labels.GetValueOrDefault(Labels.Space) == space);

    /// <summary>
    /// The key of <see cref="Indexes.ComponentOwner"/>: the owner's uid, of parts of components only.
    /// </summary>
    public static IEnumerable<string> OwnerOf(IEnumerable<KeyValuePair<string, string>>? labels)
    {
        var map = labels?.ToDictionary() ?? [];
        return map.ContainsKey(Labels.Component) && map.TryGetValue(Labels.OwnerUid, out var owner) ? [owner] : [];
    }

    private static InformerOptions<T> Options<T>(
        Func<JsonElement, T> decode, Func<T, LiveObject> live, string? ns, string selector = ComponentParts)
        where T : class => new()
        {
            Decode = decode,
            Namespace = ns,
            LabelSelector = selector,
            Indexers = new Dictionary<string, Func<T, IEnumerable<string>>>
            {
                [Indexes.ComponentOwner] = value => OwnerOf(live(value).Labels),
            },
        };
}

/// <summary>What is kept of a component's Deployment: its content, and how many of its pods serve.</summary>
/// <param name="Desired">The pods that it must have.</param>
/// <param name="Available">The pods that serve.</param>
/// <param name="Trouble">What the Deployment's controller says is wrong; null for nothing.</param>
public sealed record DeploymentState(LiveObject Live, int Desired, int Available, string? Trouble)
{
    public static DeploymentState Decode(JsonElement element)
    {
        var deployment = JsonObjects.To<V1Deployment>(element);
        return new DeploymentState(
            ManagedObjects.DecodeOwn(Kinds.Deployment, element),
            deployment.Spec?.Replicas ?? 1,
            deployment.Status?.AvailableReplicas ?? 0,
            TroubleOf(deployment.Status?.Conditions ?? []));
    }

    private static string? TroubleOf(IEnumerable<V1DeploymentCondition> conditions) => conditions
        .FirstOrDefault(
            condition => condition is { Type: "ReplicaFailure", Status: "True" }
                or { Type: "Progressing", Status: "False" })?.Message;
}
