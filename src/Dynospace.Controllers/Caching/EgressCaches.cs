using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// The informers of the ways out of spaces: who has which fixed IP, what was planned for node agents, and the objects
/// of the cluster's own egress gateway, whose kinds may come and go.
/// </summary>
public sealed class EgressCaches
{
    private const string OursOf = $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.Component}=";

    private readonly Dictionary<ProviderKind, IInformer<EgressPart>> _parts;

    public EgressCaches(IApiTransport transport, PlatformOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        Grants = new Informer<EgressGrant>(
            transport,
            Kinds.ConfigMap,
            new InformerOptions<EgressGrant>
            {
                // A ConfigMap that is not a record counts as one of no Space.
                Decode = element => EgressGrant.FromConfigMap(JsonObjects.To<V1ConfigMap>(element))
                    ?? new EgressGrant("", "", 0),
                Namespace = options.Cluster.SystemNamespace,
                LabelSelector = OursOf + ComponentValues.EgressGrant,
            },
            clock,
            loggers.CreateLogger<Informer<EgressGrant>>());
        // Helm does not bring the definitions of a newer version: one that is missing is a state, not a failure.
        Gateways = new Informer<EgressGateway>(
            transport,
            Kinds.EgressGateway,
            new InformerOptions<EgressGateway> { IsOptional = true },
            clock,
            loggers.CreateLogger<Informer<EgressGateway>>());
        _parts = EgressProviders.KindsFor(options.Egress).ToDictionary(
            kind => kind,
            kind => (IInformer<EgressPart>)new Informer<EgressPart>(
                transport,
                ProviderCaches.KindOf(kind),
                new InformerOptions<EgressPart>
                {
                    Decode = element => EgressPart.Decode(kind, element),
                    LabelSelector = OursOf + ComponentValues.Egress,
                    IsOptional = true,
                },
                clock,
                loggers.CreateLogger<Informer<EgressPart>>()));
    }

    /// <summary>The records of granted addresses.</summary>
    public IInformer<EgressGrant> Grants { get; }

    public IInformer<EgressGateway> Gateways { get; }

    /// <summary>Objects of the cluster's own egress gateway.</summary>
    public IReadOnlyCollection<IInformer<EgressPart>> Parts => _parts.Values;

    public IEnumerable<IInformer> All => [Grants, Gateways, .. Parts];

    /// <summary>Whether nothing is granted, planned or made.</summary>
    public bool IsEmpty =>
        Grants.Store.Count == 0 && Gateways.Store.Count == 0 && Parts.All(informer => informer.Store.Count == 0);

    /// <summary>The kinds of egress gateways that the cluster serves, among those that are watched.</summary>
    public IReadOnlyCollection<ProviderKind> Served =>
        [.. _parts.Where(entry => entry.Value.IsServed).Select(entry => entry.Key)];

    /// <summary>One object; null for a kind that is not kept here, or an object that is not there.</summary>
    public LiveObject? Find(ResourceKind kind, ObjectKey key) => kind == Kinds.EgressGateway
        ? Gateways.Store.Get(key) is { } found ? LiveObject.FromObject(kind, found) : null
        : Parts.FirstOrDefault(informer => informer.Kind == kind)?.Store.Get(key)?.Live;

    /// <summary>The objects that were made for a Space, or for all of them.</summary>
    public IReadOnlyList<EgressPart> PartsOf(string? space = null) =>
    [
        .. Parts.SelectMany(informer => informer.Store.List()).Where(part => space is null || part.Space == space),
    ];
}

/// <summary>What is kept of an object of the cluster's own egress gateway.</summary>
public sealed record EgressPart(ProviderKind Kind, LiveObject Live, string? Fault)
{
    public string? Space => Live.Labels.GetValueOrDefault(Labels.Space);

    public ObservedProviderObject Observed => new(Kind, Live.Key.Name, Fault);

    public static EgressPart Decode(ProviderKind kind, JsonElement element) => new(
        kind,
        ManagedObjects.DecodeOwn(ProviderCaches.KindOf(kind), element),
        EgressProviders.FaultIn(kind, JsonMembers.Member(element, "status")));
}
