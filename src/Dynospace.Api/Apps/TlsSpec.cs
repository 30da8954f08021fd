using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Apps;

/// <summary>How the router speaks TLS for an app.</summary>
public sealed class TlsSpec
{
    /// <summary>Secrets of the app's namespace, of type kubernetes.io/tls, whose certificates the router shows to clients that ask for one of their names.</summary>
    [JsonPropertyName("secrets"), ListMap("name"), MaxLength(16)]
    public IList<SecretReference>? Secrets { get; set; }

    /// <summary>Who issues a certificate for the app's domains, by cert-manager. It is kept in Secret app--tls, where app is the app's name; condition Routed says how it is.</summary>
    [JsonPropertyName("issuerRef")]
    public IssuerReference? IssuerRef { get; set; }

    /// <summary>Requests that come without TLS are sent to the same address with it.</summary>
    [JsonPropertyName("redirect"), DefaultValue(false)]
    public bool Redirect { get; set; }
}
