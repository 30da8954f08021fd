// Gateways: plans routes through the cluster's own gateway, with one file for each gateway.

using System.Text.Json;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

// The gateways and ingress controllers of the cluster itself. Each has one file with a class that derives from
// GatewayApi or IngressController. To add one, add a value of RouterImplementation, a file here and a line in
// GatewayCatalog.

/// <summary>
/// An implementation of the Gateway API or of Ingress: the objects that it needs and how to read their status.
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
    /// The kind that restricts routes to ranges; null if the route itself does, or if they cannot be restricted.
    /// </summary>
    public virtual ProviderKind? RestrictionKind => null;

    /// <summary>Whether a route can be restricted to ranges of source addresses.</summary>
    public virtual bool CanRestrict => false;

    /// <summary>All kinds that its routes need.</summary>
    public IReadOnlyList<ProviderKind> Kinds =>
        RestrictionKind is { } restriction ? [RouteKind, restriction] : [RouteKind];

    /// <summary>
    /// Why the gateway does not accept an object, from its status; null if it does, or if the status says nothing.
    /// </summary>
    public virtual string? RefusalIn(JsonElement status) => null;

    /// <summary>The mistakes in the options for this gateway: option, value and remedy.</summary>
    internal virtual IEnumerable<string> Validate(RouterOptions options) => ValidatePods(options);

    /// <summary>The kinds that the draft needs.</summary>
    internal virtual IEnumerable<ProviderKind> KindsFor(RouteDraft draft) => draft.Only is null ? [RouteKind] : Kinds;

    internal abstract GatewayObjects Build(RouteDraft draft);

    /// <summary>A harmless limitation: a part of the spec that the gateway cannot express; null for none.</summary>
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

    /// <summary>The kinds of routes of all gateways.</summary>
    public static IReadOnlyList<ProviderKind> RouteKinds { get; } =
    [
        .. All.Select(gateway => gateway.RouteKind).Distinct(),
    ];

    /// <summary>
    /// All kinds of all gateways, routes before the kinds that restrict them, so that objects left behind by a change
    /// of options are found.
    /// </summary>
    public static IReadOnlyList<ProviderKind> Kinds { get; } =
        [.. RouteKinds, .. All.Select(gateway => gateway.RestrictionKind).OfType<ProviderKind>().Distinct()];

    /// <summary>The gateway of these options; null with the built-in routers or without a router.</summary>
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
