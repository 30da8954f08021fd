using System.Globalization;
using Dynospace.Api;
using Dynospace.Planning.Grants;
using k8s.Models;

namespace Dynospace.Planning.Egress;

// Grants of fixed IPs to Spaces. The first Space keeps the address, as with hosts; decision 0007 gives the reasons.

/// <summary>The record that a fixed IP is granted to a Space.</summary>
/// <param name="Address">The address, in canonical form.</param>
/// <param name="Space">The name of the Space.</param>
/// <param name="Number">The number of the address in the tunnel, unique in the cluster.</param>
public sealed record EgressGrant(string Address, string Space, int Number) : Grant
{
    /// <summary>The largest number that the tunnel can carry.</summary>
    public const int MaxNumber = 16_383;

    private const string AddressKey = "address";
    private const string SpaceKey = "space";
    private const string NumberKey = "number";

    /// <inheritdoc/>
    public override string Name => NameOf(Address);

    /// <inheritdoc/>
    protected override string Component => ComponentValues.EgressGrant;

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> HolderLabels =>
        new Dictionary<string, string> { [Labels.Space] = Space };

    /// <inheritdoc/>
    protected override IDictionary<string, string> Data => new Dictionary<string, string>
    {
        [AddressKey] = Address,
        [SpaceKey] = Space,
        [NumberKey] = Number.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The name of the ConfigMap of an address, as a hash since names cannot contain colons.</summary>
    public static string NameOf(string address) => $"egress-ip-{new StableHash().Add(address).ToHex()}";

    /// <summary>Reads a ConfigMap; null if it is not a grant.</summary>
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
}
