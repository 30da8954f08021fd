// Gateways: plans routes through the cluster's own gateway. One file for each gateway behind one interface.

using System.Text.Json;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

// The gateways and ingress controllers that a cluster brings along. Each implementation is one file that derives from
// GatewayApi or IngressController. To add one: a value of RouterImplementation, its file here, and its line in
// GatewayCatalog.

/// <summary>
/// One implementation of the Gateway API or of Ingress: which objects it needs, and what it says of them.
/// </summary>
public abstract class Gateway
{
    private protected Gateway(RouterProvider provider, RouterImplementation implementation) =>
        (Provider, Implementation) = (provider, implementation);

    /// <summary>The API that it implements.</summary>
    public RouterProvider Provider { get; }

    /// <summary>The implementation.</summary>
    public RouterImplementation Implementation { get; }

    /// <summary>The kind of its routes.</summary>
    public abstract ProviderKind RouteKind { get; }

    /// <summary>
    /// The kind that restricts routes to ranges; null where the route itself says it, or nothing can.
    /// </summary>
    public virtual ProviderKind? RestrictionKind => null;

    /// <summary>Whether a route can be restricted to ranges of source addresses.</summary>
    public virtual bool CanRestrict => false;

    /// <summary>All kinds that its routes are made of.</summary>
    public IReadOnlyList<ProviderKind> Kinds =>
        RestrictionKind is { } restriction ? [RouteKind, restriction] : [RouteKind];

    /// <summary>
    /// Why the gateway does not accept an object, read from its status; null when it does, or says nothing.
    /// </summary>
    public virtual string? RefusalIn(JsonElement status) => null;

    /// <summary>The mistakes in the options for this gateway: option, value and remedy.</summary>
    internal virtual IEnumerable<string> Validate(RouterOptions options) => ValidatePods(options);

    /// <summary>The kinds without which the draft cannot be routed as it asks.</summary>
    internal virtual IEnumerable<ProviderKind> KindsFor(RouteDraft draft) => draft.Only is null ? [RouteKind] : Kinds;

    internal abstract GatewayObjects Build(RouteDraft draft);

    /// <summary>What the gateway cannot do of what the spec asks, and does no harm; null for nothing.</summary>
    internal abstract string? NoteOn(RouteDraft draft);

    private static IEnumerable<string> ValidatePods(RouterOptions options)
    {
        const string purpose = "for the policies to let them in";
        foreach (var (name, gateway) in new[]
        {
            ("public", options.PublicGateway),
            ("internal", options.InternalGateway),
        })
        {
            if (gateway.PodNamespace is null || !HostName.IsValid(gateway.PodNamespace))
            {
                yield return $"{name}GatewayNamespace \"{gateway.PodNamespace}\" is not a valid namespace: "
                    + $"name the one of the pods through which requests come, {purpose}.";
            }

            if (gateway.PodLabels.Count == 0)
            {
                yield return $"{name}GatewayPods is empty: "
                    + $"give the labels of the pods through which requests come, as key=value,key=value, {purpose}.";
            }
        }

        if (options is { PublicGateway.PodLabels.Count: > 0, InternalGateway.PodLabels.Count: > 0 }
            && options.PublicGateway.SharesPodsWith(options.InternalGateway))
        {
            yield return "publicGatewayPods and internalGatewayPods can select the same pods: give a label that "
                + "differs, or policies could not keep apps with internal routing from the public gateway.";
        }
    }
}

/// <summary>All gateways.</summary>
public static class GatewayCatalog
{
    private static readonly Gateway[] All =
    [
        new EnvoyGateway(),
        new NginxGatewayFabric(),
        new Istio(),
        new TraefikGateway(),
        new GatewayApi(RouterImplementation.Other),
        new TraefikIngress(), new IngressNginx(), new IngressController(RouterImplementation.Other),
    ];

    /// <summary>The kinds of all routes that any gateway may ever have been given.</summary>
    public static IReadOnlyList<ProviderKind> RouteKinds { get; } =
    [
        .. All.Select(gateway => gateway.RouteKind).Distinct(),
    ];

    /// <summary>
    /// All kinds that routes may ever have been made of, routes before what restricts them: what a change of options
    /// leaves behind is among them.
    /// </summary>
    public static IReadOnlyList<ProviderKind> Kinds { get; } =
        [.. RouteKinds, .. All.Select(gateway => gateway.RestrictionKind).OfType<ProviderKind>().Distinct()];

    /// <summary>The gateway of these options; null where requests come by the built-in routers or not at all.</summary>
    public static Gateway? For(RouterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Array.Find(
            All, gateway => gateway.Provider == options.Provider && gateway.Implementation == options.Implementation)
            ?? Array.Find(
                All,
                gateway => gateway.Provider == options.Provider
                    && gateway.Implementation == RouterImplementation.Other);
    }

    /// <summary>The mistakes in the options about gateways of the cluster: option, value and remedy.</summary>
    public static IEnumerable<string> Validate(RouterOptions options) => For(options) switch
    {
        null => [],
        var gateway when gateway.Implementation != options.Implementation =>
        [
            $"routerImplementation {options.Implementation} does not go with routerProvider {options.Provider}: "
                + "choose the other provider, or another implementation.",
            .. gateway.Validate(options),
        ],
        var gateway => gateway.Validate(options),
    };
}
