using Dynospace.Planning.Hosts;

namespace Dynospace.Planning.Options;

/// <summary>The cluster's own gateway or ingress controller: each says in its own way who may send requests.</summary>
public enum RouterImplementation
{
    /// <summary>Not named, or one that cannot express trusted ranges.</summary>
    Other,

    /// <summary>Envoy Gateway.</summary>
    EnvoyGateway,

    /// <summary>NGINX Gateway Fabric.</summary>
    NGINXGatewayFabric,

    /// <summary>Traefik.</summary>
    Traefik,

    /// <summary>Istio.</summary>
    Istio,

    /// <summary>ingress-nginx, the community's ingress controller.</summary>
    IngressNginx,
}

/// <summary>One of the cluster's own gateways: where routes are attached, and which pods carry the requests.</summary>
public sealed record GatewayOptions
{
    /// <summary>For <see cref="RouterProvider.GatewayAPI"/>: the Gateway, as namespace/name.</summary>
    public string? Gateway { get; init; }

    /// <summary>For <see cref="RouterProvider.Ingress"/>: the IngressClass.</summary>
    public string IngressClass { get; init; } = "";

    /// <summary>The namespace of the gateway's pods.</summary>
    public string? PodNamespace { get; init; }

    /// <summary>The labels of the gateway's pods.</summary>
    public IReadOnlyDictionary<string, string> PodLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the same pods could stand behind both.</summary>
    internal bool SharesPodsWith(GatewayOptions other) =>
        PodNamespace == other.PodNamespace
        && PodLabels.All(label => !other.PodLabels.TryGetValue(label.Key, out var value) || value == label.Value);

    /// <summary>The mistakes in what the platform team says about the cluster's gateways.</summary>
    internal static IEnumerable<string> Validate(RouterOptions options) => options.Provider switch
    {
        RouterProvider.GatewayAPI =>
        [
            .. Implementation(options, RouterImplementation.IngressNginx),
            .. Gateways(options),
            .. Listeners(options),
            .. Pods(options),
        ],
        RouterProvider.Ingress =>
        [
            .. Implementation(
                options, RouterImplementation.EnvoyGateway, RouterImplementation.NGINXGatewayFabric, RouterImplementation.Istio),
            .. Classes(options),
            .. Pods(options),
        ],
        _ => [],
    };

    private static IEnumerable<string> Implementation(RouterOptions options, params RouterImplementation[] others) =>
        others.Contains(options.Implementation)
            ? [$"routerImplementation {options.Implementation} does not go with routerProvider {options.Provider}: "
                + "choose the other provider, or another implementation."]
            : [];

    private static IEnumerable<string> Gateways(RouterOptions options)
    {
        foreach (var (name, gateway) in new[]
        {
            ("publicGateway", options.PublicGateway.Gateway),
            ("internalGateway", options.InternalGateway.Gateway),
        })
        {
            if (gateway?.Split('/') is not [var ns, var gatewayName] || !HostName.IsValid(ns) || !HostName.IsValid(gatewayName))
            {
                yield return $"{name} \"{gateway}\" names no Gateway, which routerProvider GatewayAPI needs: use namespace/name.";
            }
        }

        if (options.PublicGateway.Gateway == options.InternalGateway.Gateway)
        {
            yield return $"publicGateway and internalGateway are both {options.PublicGateway.Gateway}: "
                + "use one for each, or apps with internal routing would be served to everybody.";
        }
    }

    private static IEnumerable<string> Listeners(RouterOptions options) =>
        new[] { ("gatewayHttpListener", options.HttpListener), ("gatewayHttpsListener", options.HttpsListener) }
            .Where(listener => !HostName.IsValid(listener.Item2))
            .Select(listener => $"{listener.Item1} \"{listener.Item2}\" is not a valid listener name: use one such as http.");

    private static IEnumerable<string> Classes(RouterOptions options)
    {
        foreach (var (name, value) in new[]
        {
            ("publicIngressClass", options.PublicGateway.IngressClass),
            ("internalIngressClass", options.InternalGateway.IngressClass),
        })
        {
            if (!HostName.IsValid(value))
            {
                yield return $"{name} \"{value}\" is not a valid name of an IngressClass: use one such as public.";
            }
        }

        if (options.PublicGateway.IngressClass == options.InternalGateway.IngressClass)
        {
            yield return $"publicIngressClass and internalIngressClass are both {options.PublicGateway.IngressClass}: "
                + "use one for each, or apps with internal routing would be served to everybody.";
        }
    }

    private static IEnumerable<string> Pods(RouterOptions options)
    {
        const string purpose = "for the policies to let them in";
        foreach (var (name, gateway) in new[] { ("public", options.PublicGateway), ("internal", options.InternalGateway) })
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
            yield return "publicGatewayPods and internalGatewayPods can select the same pods: "
                + "give a label that differs, or policies could not keep apps with internal routing from the public gateway.";
        }
    }
}
