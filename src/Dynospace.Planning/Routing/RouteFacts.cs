namespace Dynospace.Planning.Routing;

/// <summary>What was observed that decides about an app's routes.</summary>
public sealed record RouteFacts
{
    /// <summary>The type of Secrets that hold a certificate.</summary>
    public const string TlsType = "kubernetes.io/tls";

    /// <summary>Nothing is known: the generated host alone.</summary>
    public static RouteFacts Unknown { get; } = new();

    /// <summary>What became of the app's claims; null when nobody looked.</summary>
    public GrantedHosts? Hosts { get; init; }

    /// <summary>The types of the Secrets that exist of those that its certificates come from, by name.</summary>
    public IReadOnlyDictionary<string, string> TlsSecrets { get; init; } = new Dictionary<string, string>();
}
