namespace Dynospace.Planning.Routers;

/// <summary>Ports of the router's pods and Services.</summary>
public static class RouterPorts
{
    /// <summary>Where pods listen for HTTP.</summary>
    public const int Http = 8080;

    /// <summary>Where pods listen for HTTPS.</summary>
    public const int Https = 8443;

    /// <summary>Where pods answer probes and tell their metrics.</summary>
    public const int Health = 9090;

    /// <summary>What clients call without TLS.</summary>
    public const int PublicHttp = 80;

    /// <summary>What clients call with TLS.</summary>
    public const int PublicHttps = 443;

    internal static IReadOnlyList<int> Listening { get; } = [Http, Https];
}
