using Dynospace.Planning.Hosts;

namespace Dynospace.Planning.Gateways;

/// <summary>What was observed that decides about an app's routes.</summary>
public sealed record RouteFacts
{
    /// <summary>The type of Secrets that hold a certificate.</summary>
    public const string TlsType = "kubernetes.io/tls";

    /// <summary>Nothing is known: the generated host alone.</summary>
    public static RouteFacts Unknown { get; } = new();

    /// <summary>What became of the app's claims; null when nobody looked.</summary>
    public GrantedHosts? Hosts { get; init; }

    /// <summary>
    /// The kinds of other programs that the cluster serves; null when nobody looked, and all are taken as there.
    /// </summary>
    public IReadOnlyCollection<ProviderKind>? Served { get; init; }

    /// <summary>The Certificate that was ordered for the app; null for none.</summary>
    public CertificateFacts? Certificate { get; init; }

    /// <summary>Whether a Secret that was not issued for the app has the name of the one that would be.</summary>
    public bool IsIssuedSecretTaken { get; init; }

    /// <summary>Why a gateway does not accept the app's routes; null when it does, or says nothing.</summary>
    public string? RouteRefusal { get; init; }

    /// <summary>The types of the Secrets that exist of those that its certificates come from, by name.</summary>
    public IReadOnlyDictionary<string, string> TlsSecrets { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether objects of a kind can be made.</summary>
    public bool IsServed(ProviderKind kind) => Served?.Contains(kind) != false;
}
