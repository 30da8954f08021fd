using System.Text.Json;
using System.Text.Json.Serialization;
using Dynospace.Api;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Routers;

// Two ConfigMaps in the system namespace that only routers read. With them, routers distinguish dynos from other
// clients without rights to pods of other spaces.

/// <summary>The ConfigMap of all routers with the cluster's own addresses, which are never a client's.</summary>
/// <param name="Ranges">Ranges of nodes, pods and Services.</param>
public sealed record ClusterBook(IReadOnlyList<string> Ranges)
{
    /// <summary>The name of the ConfigMap.</summary>
    public const string Name = "router-cluster";

    private const string RangesKey = "ranges";

    /// <summary>Reads a ConfigMap; null if it is not such a book.</summary>
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

/// <summary>The dynos of a space, as another space's router identifies them.</summary>
/// <param name="OutboundIPs">The space's outbound IPs, which the router takes as the source of its dynos.</param>
/// <param name="Addresses">The addresses of its dynos, without those that other pods share.</param>
public sealed record CallingSpace(
    [property: JsonPropertyName("outboundIPs")] IReadOnlyList<string> OutboundIPs,
    [property: JsonPropertyName("addresses")] IReadOnlyList<string> Addresses);

/// <summary>
/// The ConfigMap of one router: the dynos that its space trusts by their outbound IPs. It is valid only while the
/// operator runs: without a sign of life of the operator, a router ignores it, since other pods may get the addresses.
/// </summary>
public sealed record CallerBook
{
    private const string CallersKey = "callers.json";

    /// <summary>The spaces whose dynos the router distinguishes.</summary>
    [JsonPropertyName("spaces")]
    public IReadOnlyList<CallingSpace> Spaces { get; init; } = [];

    /// <summary>
    /// The sign of life of an operator without leader election; null if its Lease is the sign of life.
    /// </summary>
    [JsonPropertyName("renewedAt"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RenewedAt { get; init; }

    /// <summary>The name of a router's book.</summary>
    public static string NameOf(RouterIdentity router)
    {
        ArgumentNullException.ThrowIfNull(router);
        return $"{router.Name}-callers";
    }

    /// <summary>Reads a ConfigMap; null if it is not such a book.</summary>
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
