using Dynospace.Api;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Controllers.Caching;

/// <summary>The informers of what routers are made of; nothing but routers' own parts is kept.</summary>
internal sealed class RouterCaches
{
    private const string RouterParts = $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.Component} in ({ComponentValues.RouterPublic},{ComponentValues.RouterInternal})";

    /// <param name="systemNamespace">Where routers are: of what is not rights, nothing else is ever asked for.</param>
    public RouterCaches(IApiTransport transport, string systemNamespace, TimeProvider clock, ILoggerFactory loggers)
    {
        Deployments = Create(Kinds.Deployment, new InformerOptions<DeploymentState>
        {
            Decode = DeploymentState.Decode,
            Namespace = systemNamespace,
            LabelSelector = RouterParts,
            Indexers = ByOwner<DeploymentState>(state => state.Live),
        });
        Parts =
        [
            .. new[] { Kinds.ServiceAccount, Kinds.Role, Kinds.RoleBinding, Kinds.ClusterRole, Kinds.ClusterRoleBinding, Kinds.DisruptionBudget }
                .Select(kind => Create(kind, new InformerOptions<LiveObject>
                {
                    Decode = element => LiveObject.Decode(kind, element),
                    Namespace = kind == Kinds.ServiceAccount || kind == Kinds.DisruptionBudget ? systemNamespace : null,
                    LabelSelector = RouterParts,
                    Indexers = ByOwner<LiveObject>(live => live),
                })),
        ];
        ApiServers = Create(Kinds.EndpointSlice, new InformerOptions<ApiServerSlice>
        {
            Decode = ApiServerSlice.Decode,
            Namespace = ApiServerSlice.Namespace,
            LabelSelector = $"kubernetes.io/service-name={ApiServerSlice.Service}",
        });

        Informer<T> Create<T>(ResourceKind kind, InformerOptions<T> options)
            where T : class => new(transport, kind, options, clock, loggers.CreateLogger<Informer<T>>());
    }

    public IInformer<DeploymentState> Deployments { get; }

    /// <summary>All other parts that no cache holds anyhow.</summary>
    public IReadOnlyList<IInformer<LiveObject>> Parts { get; }

    /// <summary>Where the API server is.</summary>
    public IInformer<ApiServerSlice> ApiServers { get; }

    public IEnumerable<IInformer> All => [Deployments, .. Parts, ApiServers];

    /// <summary>One part of a router; null for a kind that is not kept here, or an object that is not there.</summary>
    public LiveObject? Find(ResourceKind kind, ObjectKey key) => kind == Kinds.Deployment
        ? Deployments.Store.Get(key)?.Live
        : Parts.FirstOrDefault(informer => informer.Kind == kind)?.Store.Get(key);

    /// <summary>The key of <see cref="Indexes.RouterOwner"/>: the owner's uid, of parts of routers only.</summary>
    public static IEnumerable<string> OwnerOf(IEnumerable<KeyValuePair<string, string>>? labels)
    {
        var map = labels?.ToDictionary() ?? [];
        return map.GetValueOrDefault(Labels.Component) is ComponentValues.RouterPublic or ComponentValues.RouterInternal
            && map.TryGetValue(Labels.OwnerUid, out var owner) ? [owner] : [];
    }

    private static Dictionary<string, Func<T, IEnumerable<string>>> ByOwner<T>(Func<T, LiveObject> live) =>
        new() { [Indexes.RouterOwner] = value => OwnerOf(live(value).Labels) };
}
