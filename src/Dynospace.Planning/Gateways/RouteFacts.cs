using Dynospace.Planning.Hosts;

namespace Dynospace.Planning.Gateways;

/// <summary>The observations that an app's routes depend on.</summary>
public sealed record RouteFacts
{
    /// <summary>The type of Secrets that hold a certificate.</summary>
    public const string TlsType = "kubernetes.io/tls";

    /// <summary>Nothing was observed; the app has only its generated host.</summary>
    public static RouteFacts Unknown { get; } = new();

    /// <summary>The result of the app's claims; null if not observed.</summary>
    public GrantedHosts? Hosts { get; init; }

    /// <summary>
    /// The kinds of other programs that the cluster serves; null if not observed, which counts as all.
    /// </summary>
    public IReadOnlyCollection<ProviderKind>? Served { get; init; }

    /// <summary>The Certificate that was ordered for the app; null for none.</summary>
    public CertificateFacts? Certificate { get; init; }

    /// <summary>Whether a Secret that was not issued for the app has the name of the one that would be.</summary>
    public bool IsIssuedSecretTaken { get; init; }

    /// <summary>
    /// Why a gateway does not accept the app's routes; null if it does, or if the status says nothing.
    /// </summary>
    public string? RouteRefusal { get; init; }

    /// <summary>By name, the types of the existing Secrets among those of its certificates.</summary>
    public IReadOnlyDictionary<string, string> TlsSecrets { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether objects of a kind can be created.</summary>
    public bool IsServed(ProviderKind kind) => Served?.Contains(kind) != false;
}
