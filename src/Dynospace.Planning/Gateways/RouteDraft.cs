using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Gateways;

/// <summary>The desired routing of an app, independent of the gateway's own objects.</summary>
internal sealed record RouteDraft
{
    public const int WebPort = 80;

    /// <summary>
    /// A range that no packet comes from, for gateways that refuse an empty list or read it as every source.
    /// </summary>
    private const string Nobody = "255.255.255.255/32";

    /// <summary>
    /// The suffix of an app's second route. App names contain no double hyphen, so the name never collides with another
    /// app's.
    /// </summary>
    private const string RedirectSuffix = "--redirect";
    private const int HashLength = 10;

    public required App App { get; init; }

    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>The allowed sources of requests; null for all.</summary>
    public required TrustedRanges? Only { get; init; }

    public required RouterOptions Options { get; init; }

    public string Name => App.Metadata.Name;

    public string Space => App.Metadata.NamespaceProperty;

    /// <summary>The gateway of the routes. Only apps with internal routing use the internal gateway.</summary>
    public GatewayOptions Gateway => App.Spec.InternalRouting ? Options.InternalGateway : Options.PublicGateway;

    public bool Redirects => App.Spec.Tls?.Redirect == true;

    public string RedirectName => Name + RedirectSuffix;

    /// <summary>The allowed ranges, parsed and printed again, so that they contain nothing but CIDR ranges.</summary>
    public IReadOnlyList<string> Ranges =>
        [
            .. (Only?.Ranges ?? []).Select(AddressBlock.Parse)
                .Distinct()
                .Order(AddressBlock.Ascending)
                .Select(block => block.ToString()),
        ];

    /// <summary>The allowed ranges, never empty, for gateways that read an empty list as every source.</summary>
    public IReadOnlyList<string> RangesOrNobody => Ranges is { Count: > 0 } ranges ? ranges : [Nobody];

    /// <summary>
    /// A name with a hash over namespace and name. Some gateways identify an object by its namespace and name joined by
    /// a hyphen, so that two objects could collide.
    /// </summary>
    public string Unmistakable(string purpose) =>
        $"{Name}--{purpose}-{new StableHash().Add(Space).Add(Name).Add(purpose).ToNameSuffix(HashLength)}";

    public V1ObjectMeta Metadata(string name, string? ns = null, IDictionary<string, string>? annotations = null) =>
        new()
        {
            Name = name,
            NamespaceProperty = ns ?? Space,
            Labels = ChildLabels.OfApp(App),
            Annotations = annotations is { Count: > 0 } ? annotations : null,

            // Owner references cannot cross namespaces.
            OwnerReferences = ns is null || ns == Space ? [Owners.ReferenceTo(App)] : null,
        };

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}

/// <summary>One rule of a gateway for an app's requests: a restriction to ranges, or a redirect to HTTPS.</summary>
internal sealed record Treatment
{
    /// <summary>The object that expresses it; null if the route does.</summary>
    public ProviderObject? Object { get; init; }

    /// <summary>
    /// The reference to that object in each rule of an HTTPRoute; null if the object references the route instead.
    /// </summary>
    public JsonObject? Filter { get; init; }

    /// <summary>The annotations of an Ingress that express it or reference that object.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>The objects that a gateway needs for an app.</summary>
/// <param name="Fences">The objects that restrict or redirect, which are applied before the routes.</param>
/// <param name="Routes">The routes.</param>
internal sealed record GatewayObjects(IReadOnlyList<ProviderObject> Fences, IReadOnlyList<ProviderObject> Routes);
