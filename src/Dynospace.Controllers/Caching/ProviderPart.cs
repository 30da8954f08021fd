using System.Text.Json;
using Dynospace.Api;
using Dynospace.Planning.Gateways;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// What is kept of a route, of what keeps it to ranges, or of a certificate: its content, and what another's
/// program says of it.
/// </summary>
public sealed record ProviderPart(LiveObject Live)
{
    /// <summary>What cert-manager says of a Certificate; nothing of other kinds.</summary>
    public CertificateFacts Certificate { get; init; } = new(false, null);

    /// <summary>Why a gateway does not accept it; null when it does, or says nothing.</summary>
    public string? Refusal { get; init; }

    /// <summary>The app that it is of.</summary>
    public ObjectKey? App =>
        Live.Labels.TryGetValue(Labels.Space, out var space) && Live.Labels.TryGetValue(Labels.App, out var app)
            ? new(space, app)
            : null;

    /// <param name="gateway">The gateway whose status is read; null for none.</param>
    public static ProviderPart Decode(ResourceKind kind, Gateway? gateway, JsonElement element)
    {
        var status = element.TryGetProperty("status", out var found) ? found : default;
        return new ProviderPart(ManagedObjects.DecodeOwn(kind, element))
        {
            Certificate = CertificateFacts.FromStatus(status),
            Refusal = gateway?.RefusalIn(status),
        };
    }
}
