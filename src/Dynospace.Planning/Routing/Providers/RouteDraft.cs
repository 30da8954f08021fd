using Dynospace.Api.Apps;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Routing.Providers;

/// <summary>What shall be routed to an app, before it is said in the words of a provider.</summary>
internal sealed record RouteDraft
{
    /// <summary>The ending of what belongs to an app beside the route: apps' names have no double hyphen, so it is no other app's.</summary>
    private const string RedirectSuffix = "--redirect";

    private const int HashLength = 10;

    public required App App { get; init; }

    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Who may send requests; null for everybody.</summary>
    public required TrustedRanges? Only { get; init; }

    public required RouterOptions Options { get; init; }

    public string Name => App.Metadata.Name;

    public string Space => App.Metadata.NamespaceProperty;

    /// <summary>Where it is attached: the internal one for apps with internal routing and for no other.</summary>
    public GatewayOptions Gateway => App.Spec.InternalRouting ? Options.InternalGateway : Options.PublicGateway;

    public bool Redirects => App.Spec.Tls?.Redirect == true;

    /// <summary>As parsed and printed anew: whatever stood in the spec, this is a CIDR range and nothing else.</summary>
    public IReadOnlyList<string> Ranges =>
        [.. (Only?.Ranges ?? []).Select(AddressBlock.Parse).Distinct().Order().Select(block => block.ToString())];

    public string RedirectName => Name + RedirectSuffix;

    /// <summary>
    /// Some implementations know an object by its namespace and name joined by a hyphen, so that two of them could be one: the hash, which
    /// is over both, keeps them apart.
    /// </summary>
    public string Unmistakable(string purpose) => $"{Name}--{purpose}-{new StableHash().Add(Space).Add(Name).Add(purpose).ToNameSuffix(HashLength)}";

    public V1ObjectMeta Metadata(string name, string? ns = null, IDictionary<string, string>? annotations = null) => new()
    {
        Name = name,
        NamespaceProperty = ns ?? Space,
        Labels = ChildLabels.OfApp(App),
        Annotations = annotations is { Count: > 0 } ? annotations : null,
        // Owner references cannot cross namespaces.
        OwnerReferences = ns is null || ns == Space ? [Owners.Of(App)] : null,
    };
}
