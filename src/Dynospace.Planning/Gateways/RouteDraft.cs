using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Gateways;

/// <summary>The desired routing of an app, before a gateway puts it into its own objects.</summary>
internal sealed record RouteDraft
{
    public const int WebPort = 80;

    /// <summary>
    /// Stands for nobody where an empty list would mean everybody or be refused: no packet has this source.
    /// </summary>
    private const string Nobody = "255.255.255.255/32";

    /// <summary>
    /// The suffix of an app's second route. Names of apps have no double hyphen, so it is never another app's name.
    /// </summary>
    private const string RedirectSuffix = "--redirect";
    private const int HashLength = 10;

    public required App App { get; init; }

    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Who may send requests; null for everybody.</summary>
    public required TrustedRanges? Only { get; init; }

    public required RouterOptions Options { get; init; }

    public string Name => App.Metadata.Name;

    public string Space => App.Metadata.NamespaceProperty;

    /// <summary>
    /// Where the routes are attached: the internal gateway for apps with internal routing and for no other.
    /// </summary>
    public GatewayOptions Gateway => App.Spec.InternalRouting ? Options.InternalGateway : Options.PublicGateway;

    public bool Redirects => App.Spec.Tls?.Redirect == true;

    public string RedirectName => Name + RedirectSuffix;

    /// <summary>Parsed and printed again: whatever the spec holds, these are CIDR ranges and nothing else.</summary>
    public IReadOnlyList<string> Ranges =>
        [
            .. (Only?.Ranges ?? []).Select(AddressBlock.Parse)
                .Distinct()
                .Order(AddressBlock.Ascending)
                .Select(block => block.ToString()),
        ];

    /// <summary>For gateways that read an empty list as everybody.</summary>
    public IReadOnlyList<string> RangesOrNobody => Ranges is { Count: > 0 } ranges ? ranges : [Nobody];

    /// <summary>
    /// Some gateways know an object by its namespace and name joined by a hyphen, so that two objects could share one
    /// name. The hash over both keeps them apart.
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

/// <summary>
/// One thing that a gateway does to an app's requests: keep them to ranges, or redirect them to HTTPS.
/// </summary>
internal sealed record Treatment
{
    /// <summary>The object that says it; null where the route does.</summary>
    public ProviderObject? Object { get; init; }

    /// <summary>
    /// References that object in each rule of an HTTPRoute; null where the object references the route instead.
    /// </summary>
    public JsonObject? Filter { get; init; }

    /// <summary>Says it, or references that object, on an Ingress.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>The objects that a gateway needs for an app.</summary>
/// <param name="Fences">What restricts and redirects, in place before the routes.</param>
/// <param name="Routes">The routes.</param>
internal sealed record GatewayObjects(IReadOnlyList<ProviderObject> Fences, IReadOnlyList<ProviderObject> Routes);
