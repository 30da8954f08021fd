using System.Globalization;
using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Egress;

// Which Space has which fixed IP. First granted keeps it, as with hosts: decision 0007 gives the reasons.

/// <summary>
/// The record that a fixed IP is granted to a Space: an immutable ConfigMap in the system namespace, one for each
/// address, whose name follows from the address. Tenants cannot write there, and a backup carries it.
/// </summary>
/// <param name="Address">The address, in canonical form.</param>
/// <param name="Space">The name of the Space.</param>
/// <param name="Number">The number that stands for the address in the tunnel, unique in the cluster.</param>
public sealed record EgressGrant(string Address, string Space, int Number)
{
    /// <summary>The largest number that the tunnel carries.</summary>
    public const int MaxNumber = 16_383;

    private const string AddressKey = "address";
    private const string SpaceKey = "space";
    private const string NumberKey = "number";

    /// <summary>The uid of the ConfigMap; null before it exists.</summary>
    public string? Uid { get; init; }

    /// <summary>Since when the Space is known to be missing; null while it is there.</summary>
    public DateTimeOffset? VacantSince { get; init; }

    /// <summary>The name of the ConfigMap of an address: colons are not for names.</summary>
    public static string NameOf(string address) => $"egress-ip-{new StableHash().Add(address).ToHex()}";

    /// <summary>Reads the ConfigMap; null for one that is not a grant.</summary>
    public static EgressGrant? FromConfigMap(V1ConfigMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.Data is { } data
            && data.TryGetValue(AddressKey, out var address)
            && data.TryGetValue(SpaceKey, out var space)
            && data.TryGetValue(NumberKey, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= MaxNumber
            && map.Metadata.Name == NameOf(address)
            ? new(address, space, number) { Uid = map.Metadata.Uid, VacantSince = VacancyOf(map) }
            : null;
    }

    /// <summary>The ConfigMap.</summary>
    public V1ConfigMap ToConfigMap(string systemNamespace) => new()
    {
        ApiVersion = "v1",
        Kind = "ConfigMap",
        Metadata = new()
        {
            Name = NameOf(Address),
            NamespaceProperty = systemNamespace,
            Labels = new Dictionary<string, string>
            {
                [Labels.ManagedBy] = Labels.ManagedByValue,
                [Labels.Component] = ComponentValues.EgressGrant,
                [Labels.Space] = Space,
            },
        },
        Immutable = true,
        Data = new Dictionary<string, string>
        {
            [AddressKey] = Address,
            [SpaceKey] = Space,
            [NumberKey] = Number.ToString(CultureInfo.InvariantCulture),
        },
    };

    private static DateTimeOffset? VacancyOf(V1ConfigMap map) =>
        map.Metadata.Annotations is { } annotations
        && annotations.TryGetValue(Annotations.VacantSince, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            ? since
            : null;
}
