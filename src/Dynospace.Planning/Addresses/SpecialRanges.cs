namespace Dynospace.Planning.Addresses;

/// <summary>
/// Ranges that are not the internet: IANA's special-purpose registries (RFC 6890 and its successors) and the clouds'
/// metadata addresses. IPv4-mapped IPv6 (::ffff:0:0/96) is missing on purpose: no such packet is ever sent, and the API
/// server refuses it as an exception of ::/0.
/// </summary>
public static class SpecialRanges
{
    /// <summary>
    /// Ranges that are unreachable from a pod: this host, loopback, link-local, multicast, reserved, and tunnels back
    /// into IPv4.
    /// </summary>
    public static IReadOnlyList<AddressBlock> NeverReachable { get; } =
    [
        .. Parse(
            "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fe80::/10", "fec0::/10", "ff00::/8"),
        .. MetadataAddresses(),
    ];

    /// <summary>Private networks: not the internet, but a peer network or a data service may be there.</summary>
    public static IReadOnlyList<AddressBlock> Private { get; } =
        [.. Parse("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "fc00::/7")];

    /// <summary>
    /// EC2 and most others; EC2 over IPv6; Azure's wire server, a public address; Alibaba, inside the carriers' range.
    /// </summary>
    private static IEnumerable<AddressBlock> MetadataAddresses() =>
        Parse("169.254.169.254/32", "fd00:ec2::254/128", "168.63.129.16/32", "100.100.100.200/32");

    private static IEnumerable<AddressBlock> Parse(params string[] ranges) => ranges.Select(AddressBlock.Parse);
}
