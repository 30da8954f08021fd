using Dynospace.Api;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// The informers of what other people's programs act on. Each kind may be missing, and comes or goes while the operator
/// runs; nothing but what the operator made is kept.
/// </summary>
public sealed class ProviderCaches
{
    private const string Ours = $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.App}";

    private readonly Dictionary<ProviderKind, IInformer<ProviderPart>> _informers;

    public ProviderCaches(IApiTransport transport, RouterOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        var gateway = GatewayCatalog.For(options);
        var logger = loggers.CreateLogger<Informer<ProviderPart>>();
        _informers = new[] { ProviderKinds.Certificate }.Concat(gateway?.Kinds ?? []).ToDictionary(
            kind => kind,
            kind =>
                (IInformer<ProviderPart>)new Informer<ProviderPart>(
                    transport, KindOf(kind), Options(KindOf(kind), gateway), clock, logger));
    }

    public IReadOnlyCollection<IInformer<ProviderPart>> All => _informers.Values;

    /// <summary>The kinds that the cluster serves, among those that are watched.</summary>
    public IReadOnlyCollection<ProviderKind> Served =>
        [.. _informers.Where(entry => entry.Value.IsServed).Select(entry => entry.Key)];

    public static ResourceKind KindOf(ProviderKind kind) =>
        new(kind.Group, kind.Version, kind.Plural, kind.Kind, kind.IsNamespaced);

    /// <summary>One part; null for a kind that is not kept here, or an object that is not there.</summary>
    public LiveObject? Find(ResourceKind kind, ObjectKey key) =>
        _informers.Values.FirstOrDefault(informer => informer.Kind == kind)?.Store.Get(key)?.Live;

    /// <summary>All parts of the apps that had this name, whichever of them made it.</summary>
    public IReadOnlyList<ProviderPart> PartsOf(ObjectKey app) =>
        [
            .. _informers.Values.SelectMany(
                informer => informer.Store.ByIndex(Indexes.App, ClusterCaches.Joined(app.Namespace, app.Name))),
        ];

    private static InformerOptions<ProviderPart> Options(ResourceKind kind, Gateway? gateway) => new()
    {
        Decode = element => ProviderPart.Decode(kind, gateway, element),
        LabelSelector = Ours,
        IsOptional = true,
        Indexers = new Dictionary<string, Func<ProviderPart, IEnumerable<string>>>
        {
            [Indexes.App] = part => part.App is { } app ? [ClusterCaches.Joined(app.Namespace, app.Name)] : [],
        },
    };
}
