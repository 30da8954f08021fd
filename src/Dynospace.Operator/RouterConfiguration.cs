using System.Globalization;
using Dynospace.Planning.Options;
using Microsoft.Extensions.Configuration;

namespace Dynospace.Operator;

/// <summary>Reads the options about routers.</summary>
internal static class RouterConfiguration
{
    public static readonly string[] Known =
    [
        "routerProvider", "routerImplementation", "publicGateway", "internalGateway", "gatewayHttpListener", "gatewayHttpsListener",
        "publicIngressClass", "internalIngressClass", "publicGatewayNamespace", "publicGatewayPods", "internalGatewayNamespace", "internalGatewayPods", "routerImage", "sharedRouterReplicas", "routerServiceType", "routerServiceAnnotations",
        "internalRouterServiceType", "internalRouterServiceAnnotations", "proxyProtocolFrom", "routerCertificate", "routerDrainSeconds",
    ];

    public static RouterOptions Read(IConfiguration configuration)
    {
        var defaults = new RouterOptions();
        return defaults with
        {
            Provider = Word(configuration, "routerProvider", defaults.Provider),
            Implementation = Word(configuration, "routerImplementation", defaults.Implementation),
            PublicGateway = Gateway(configuration, "public", defaults.PublicGateway),
            InternalGateway = Gateway(configuration, "internal", defaults.InternalGateway),
            HttpListener = configuration["gatewayHttpListener"] ?? defaults.HttpListener,
            HttpsListener = configuration["gatewayHttpsListener"] ?? defaults.HttpsListener,
            Image = configuration["routerImage"] ?? defaults.Image,
            BaseDomain = configuration["baseDomain"] ?? defaults.BaseDomain,
            SharedReplicas = Number(configuration, "sharedRouterReplicas") ?? defaults.SharedReplicas,
            ServiceType = Word(configuration, "routerServiceType", defaults.ServiceType),
            ServiceAnnotations = OperatorConfiguration.Pairs(configuration, "routerServiceAnnotations"),
            InternalServiceType = Word(configuration, "internalRouterServiceType", defaults.InternalServiceType),
            InternalServiceAnnotations = OperatorConfiguration.Pairs(configuration, "internalRouterServiceAnnotations"),
            ProxyProtocolFrom = OperatorConfiguration.Ranges(configuration, "proxyProtocolFrom"),
            DefaultCertificate = configuration["routerCertificate"],
            Drain = Number(configuration, "routerDrainSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : defaults.Drain,
        };
    }

    private static GatewayOptions Gateway(IConfiguration configuration, string name, GatewayOptions defaults) => defaults with
    {
        Gateway = configuration[$"{name}Gateway"],
        IngressClass = configuration[$"{name}IngressClass"] ?? defaults.IngressClass,
        PodNamespace = configuration[$"{name}GatewayNamespace"],
        PodLabels = OperatorConfiguration.Pairs(configuration, $"{name}GatewayPods"),
    };

    private static int? Number(IConfiguration configuration, string name) => configuration[name] switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw new OperatorConfigurationException($"{name}: '{text}' is no number."),
    };

    private static T Word<T>(IConfiguration configuration, string name, T fallback)
        where T : struct, Enum => configuration[name] switch
        {
            null => fallback,
            var text when Enum.TryParse<T>(text, ignoreCase: true, out var word) && Enum.IsDefined(word) && !char.IsAsciiDigit(text[0]) => word,
            var text => throw new OperatorConfigurationException($"{name}: '{text}' is unknown; give one of {string.Join(", ", Enum.GetNames<T>())}."),
        };
}
