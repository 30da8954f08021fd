using System.Globalization;
using System.Net;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Options;

/// <summary>The egress traffic of dynos.</summary>
public sealed record EgressOptions
{
    /// <summary>The image of this version's gate.</summary>
    public const string DefaultGateImage = "ghcr.io/dynospace/gate:0.1.0";

    /// <summary>
    /// The address of the gate for dynos with IPv6 fixed IPs only. It is also a constant of the node agents.
    /// </summary>
    public const string GateAddress6 = "fdd7:5e0e:6772::77";

    private const int SmallestBlock = 128;
    private const int LargestBlock = 16_384;
    private static readonly TimeSpan LongestGate = TimeSpan.FromHours(1);

    /// <summary>
    /// The address behind a space's egress tunnel that answers a dyno with its source address. Default 169.254.77.77.
    /// </summary>
    public string GateAddress { get; init; } = "169.254.77.77";

    /// <summary>
    /// The provider of fixed IPs for Spaces that name none. Default <see cref="EgressProvider.None"/>.
    /// </summary>
    public EgressProvider Provider { get; init; } = EgressProvider.None;

    /// <summary>
    /// The fixed IPs that Spaces may have: ranges or single addresses. A Space that gives a count gets its addresses
    /// from here; one that names addresses must name some of these. Default empty: a Space may name any address.
    /// </summary>
    public IReadOnlyList<string> Pool { get; init; } = [];

    /// <summary>
    /// How fixed IPs are routed to their gateway nodes. Default <see cref="EgressAddressMode.Announced"/>.
    /// </summary>
    public EgressAddressMode Addresses { get; init; } = EgressAddressMode.Announced;

    /// <summary>Whether private addresses are refused as fixed IPs. Default false.</summary>
    public bool IsPublicOnly { get; init; }

    /// <summary>The labels of nodes that may have fixed IPs.</summary>
    public IReadOnlyDictionary<string, string> GatewayLabels { get; init; } =
        new Dictionary<string, string> { [Labels.EgressGateway] = "true" };

    /// <summary>The number of source ports of a fixed IP that a node gets at a time. Default 2,048.</summary>
    public int PortBlock { get; init; } = 2048;

    /// <summary>The image of the gate, which delays a dyno until its packets leave from its fixed IP.</summary>
    public string GateImage { get; init; } = DefaultGateImage;

    /// <summary>How long the gate waits before it gives up. Default five minutes.</summary>
    public TimeSpan GateTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// For providers other than the built-in one: the endpoint outside the cluster that answers a connection with its
    /// source address, as address:port; null for none.
    /// </summary>
    public string? Echo { get; init; }

    /// <summary>
    /// Whether dynos of such providers wait until there is an <see cref="Echo"/> to prove their address. Default true.
    /// </summary>
    public bool IsProofRequired { get; init; } = true;

    /// <summary>For Kube-OVN: the subnet of its gateways' addresses.</summary>
    public string ExternalSubnet { get; init; } = "external";

    /// <summary>For Kube-OVN: the namespace of its gateways' pods.</summary>
    public string GatewayNamespace { get; init; } = "kube-system";

    /// <summary>The echo endpoint; null for none, or for one that is not an address and a port.</summary>
    internal (AddressBlock Address, int Port)? EchoEndpoint =>
        Echo is { } text
        && text.LastIndexOf(':') is var colon and > 0
        && AddressBlock.TryParse(text[..colon].Trim('[', ']'), out var address)
        && !text[..colon].Contains('/', StringComparison.Ordinal)
        && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && port is >= 1 and <= IPEndPoint.MaxPort
            ? (address, port)
            : null;

    internal IEnumerable<string> Validate() =>
    [
        .. OptionChecks.Address("gateAddress", GateAddress),
        .. OptionChecks.Ranges("egressPool", Pool),
        .. OptionChecks.NotEmpty("egressGateImage", GateImage),
        .. OptionChecks.AtLeastOneSecond("egressGateTimeout", GateTimeout),
        .. ValidateRest(),
    ];

    private IEnumerable<string> ValidateRest()
    {
        if (GatewayLabels.Count == 0)
        {
            yield return "egressGatewayLabels is empty, so that any node could have a fixed IP: give a label, such as "
                + $"{Labels.EgressGateway}=true.";
        }

        if (PortBlock is < SmallestBlock or > LargestBlock)
        {
            yield return $"egressPortBlock {PortBlock} is not between {SmallestBlock} and {LargestBlock}.";
        }

        if (GateTimeout > LongestGate)
        {
            yield return $"egressGateTimeout {GateTimeout} is longer than {LongestGate}.";
        }

        if (Echo is not null && EchoEndpoint is null)
        {
            yield return $"egressEcho \"{Echo}\" is not an address and a port: use one such as 198.51.100.7:7878.";
        }
    }
}
