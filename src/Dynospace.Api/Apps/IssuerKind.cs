using System.Text.Json.Serialization;

namespace Dynospace.Api.Apps;

/// <summary>The kinds of issuers that cert-manager has.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IssuerKind>))]
public enum IssuerKind
{
    /// <summary>An issuer of one namespace.</summary>
    Issuer,

    /// <summary>An issuer of the whole cluster.</summary>
    ClusterIssuer,
}
