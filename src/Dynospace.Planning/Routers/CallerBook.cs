using System.Text.Json;
using System.Text.Json.Serialization;
using Dynospace.Api;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Routers;

// What the operator publishes so that routers can tell dynos from other clients without a right to foreign pods: two
// ConfigMaps of the system namespace, which routers alone read.

/// <summary>The ConfigMap of all routers: which addresses are the cluster's own, and so never a client's.</summary>
/// <param name="Ranges">Ranges of nodes, pods and Services.</param>
public sealed record ClusterBook(IReadOnlyList<string> Ranges)
{
    /// <summary>The name of the ConfigMap.</summary>
    public const string Name = "router-cluster";

    private const string RangesKey = "ranges";

    /// <summary>Reads the ConfigMap; null for one that is not such a book.</summary>
    public static ClusterBook? FromConfigMap(V1ConfigMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.Data is { } data && data.TryGetValue(RangesKey, out var ranges)
            ? new(ranges.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            : null;
    }

    /// <summary>The ConfigMap.</summary>
    public V1ConfigMap ToConfigMap(PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return CallerBook.Map(
            Name,
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                [Labels.ManagedBy] = Labels.ManagedByValue,
                [Labels.Component] = ComponentValues.RouterCallers,
            },
            RangesKey,
            string.Join('\n', Ranges),
            options);
    }
}

/// <summary>The dynos of a space, as the router of another one judges them.</summary>
/// <param name="OutboundIPs">The space's outbound IPs: to the router, its dynos come from these.</param>
/// <param name="Addresses">The addresses of its dynos, each held by nobody else.</param>
public sealed record CallingSpace(
    [property: JsonPropertyName("outboundIPs")] IReadOnlyList<string> OutboundIPs,
    [property: JsonPropertyName("addresses")] IReadOnlyList<string> Addresses);

/// <summary>
/// The ConfigMap of one router: the dynos that its space trusts by their outbound IPs. It holds while its author lives:
/// a router that sees no sign of the operator stops believing it, since addresses change hands.
/// </summary>
public sealed record CallerBook
{
    private const string CallersKey = "callers.json";

    /// <summary>The spaces whose dynos the router distinguishes.</summary>
    [JsonPropertyName("spaces")]
    public IReadOnlyList<CallingSpace> Spaces { get; init; } = [];

    /// <summary>
    /// Renewed by an operator that runs alone and so keeps no Lease; null where the Lease is the sign of life.
    /// </summary>
    [JsonPropertyName("renewedAt"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RenewedAt { get; init; }

    /// <summary>The name of a router's book.</summary>
    public static string NameOf(RouterIdentity router)
    {
        ArgumentNullException.ThrowIfNull(router);
        return $"{router.Name}-callers";
    }

    /// <summary>Reads the ConfigMap; null for one that is not such a book.</summary>
    public static CallerBook? FromConfigMap(V1ConfigMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        try
        {
            return map.Data is { } data && data.TryGetValue(CallersKey, out var text)
                && JsonSerializer.Deserialize<CallerBook>(text) is { } book
                && book.Spaces?.All(space => space is { OutboundIPs: not null, Addresses: not null }) == true
                    ? book
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The ConfigMap.</summary>
    public V1ConfigMap ToConfigMap(RouterIdentity router, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(router);
        var labels = router.ObjectLabels();
        labels[Labels.Component] = ComponentValues.RouterCallers;
        return Map(NameOf(router), labels, CallersKey, JsonSerializer.Serialize(this), options);
    }

    internal static V1ConfigMap Map(
        string name, IDictionary<string, string> labels, string key, string value, PlatformOptions options) => new()
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new() { Name = name, NamespaceProperty = options.Cluster.SystemNamespace, Labels = labels },
            Data = new Dictionary<string, string> { [key] = value },
        };
}
