namespace Dynospace.Reachability.Addresses;

/// <summary>The addresses of the public internet, both families.</summary>
public static class PublicAddresses
{
    /// <summary>
    /// IANA's special-purpose registries: what is not globally reachable, multicast, and what is reserved.
    /// </summary>
    private static readonly string[] NotPublic =
    [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        // Azure's host to its virtual machines: in nobody's routing table.
        "168.63.129.16/32",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    ];

    /// <summary>All of them. Of IPv6 only 2000::/3 has been given out.</summary>
    public static CidrSet All { get; } = CidrSet.FromRanges(AddressRange.EveryIPv4, AddressRange.Parse("2000::/3"))
        .Except(CidrSet.FromRanges(NotPublic.Select(AddressRange.Parse)));
}
