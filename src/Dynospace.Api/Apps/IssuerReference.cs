using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Dynospace.Api.Apps;

/// <summary>Names an issuer of cert-manager.</summary>
public sealed class IssuerReference
{
    /// <summary>The issuer's name.</summary>
    [JsonPropertyName("name"), Required, StringLength(253, MinimumLength = 1), RegularExpression("^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")]
    public string Name { get; set; } = "";

    /// <summary>Issuer is one of the app's namespace, ClusterIssuer one of the cluster.</summary>
    [JsonPropertyName("kind"), DefaultValue(IssuerKind.Issuer)]
    public IssuerKind Kind { get; set; } = IssuerKind.Issuer;
}
