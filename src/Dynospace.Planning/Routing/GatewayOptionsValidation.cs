namespace Dynospace.Planning.Routing;

/// <summary>Finds what the platform team wrote wrongly about gateways of the cluster.</summary>
internal static class GatewayOptionsValidation
{
    public static IEnumerable<string> Validate(RouterOptions options) => options.Provider switch
    {
        RouterProvider.GatewayAPI => [.. Implementation(options, RouterImplementation.IngressNginx), .. Gateways(options), .. Listeners(options), .. Pods(options)],
        RouterProvider.Ingress => [.. Implementation(options, RouterImplementation.EnvoyGateway, RouterImplementation.NGINXGatewayFabric, RouterImplementation.Istio), .. Classes(options), .. Pods(options)],
        _ => [],
    };

    private static IEnumerable<string> Implementation(RouterOptions options, params RouterImplementation[] others) =>
        others.Contains(options.Implementation)
            ? [$"routerImplementation {options.Implementation} does not go with routerProvider {options.Provider}: choose the other provider, or another implementation."]
            : [];

    private static IEnumerable<string> Gateways(RouterOptions options)
    {
        foreach (var (name, gateway) in new[] { ("publicGateway", options.PublicGateway.Gateway), ("internalGateway", options.InternalGateway.Gateway) })
        {
            if (gateway?.Split('/') is not [var ns, var gatewayName] || !HostName.IsValid(ns) || !HostName.IsValid(gatewayName))
            {
                yield return $"{name} \"{gateway}\" names no Gateway, which routerProvider GatewayAPI needs: give namespace/name.";
            }
        }

        if (options.PublicGateway.Gateway == options.InternalGateway.Gateway)
        {
            yield return $"publicGateway and internalGateway are both {options.PublicGateway.Gateway}: give one for each, or apps with internal routing would be served to everybody.";
        }
    }

    private static IEnumerable<string> Listeners(RouterOptions options) =>
        new[] { ("gatewayHttpListener", options.HttpListener), ("gatewayHttpsListener", options.HttpsListener) }
            .Where(listener => !HostName.IsValid(listener.Item2))
            .Select(listener => $"{listener.Item1} \"{listener.Item2}\" is no name of a listener: give one such as http.");

    private static IEnumerable<string> Classes(RouterOptions options)
    {
        foreach (var (name, value) in new[] { ("publicIngressClass", options.PublicGateway.IngressClass), ("internalIngressClass", options.InternalGateway.IngressClass) })
        {
            if (!HostName.IsValid(value))
            {
                yield return $"{name} \"{value}\" is no name of an IngressClass: give one such as public.";
            }
        }

        if (options.PublicGateway.IngressClass == options.InternalGateway.IngressClass)
        {
            yield return $"publicIngressClass and internalIngressClass are both {options.PublicGateway.IngressClass}: give one for each, or apps with internal routing would be served to everybody.";
        }
    }

    private static IEnumerable<string> Pods(RouterOptions options)
    {
        foreach (var (name, gateway) in new[] { ("public", options.PublicGateway), ("internal", options.InternalGateway) })
        {
            if (gateway.PodNamespace is null || !HostName.IsValid(gateway.PodNamespace))
            {
                yield return $"{name}GatewayNamespace \"{gateway.PodNamespace}\" is no namespace: name the one of the pods through which requests come, for the policies to let them in.";
            }

            if (gateway.PodLabels.Count == 0)
            {
                yield return $"{name}GatewayPods is empty: give the labels of the pods through which requests come, as key=value,key=value, for the policies to let them in.";
            }
        }

        if (options is { PublicGateway.PodLabels.Count: > 0, InternalGateway.PodLabels.Count: > 0 } && options.PublicGateway.SharesPodsWith(options.InternalGateway))
        {
            yield return "publicGatewayPods and internalGatewayPods can select the same pods: give a label that differs, or policies could not keep apps with internal routing from the public gateway.";
        }
    }
}
