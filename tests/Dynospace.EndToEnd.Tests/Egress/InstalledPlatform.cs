using System.Net;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Egress;

/// <summary>
/// A cluster where the chart has installed the operator and node agents that give fixed IPs, seen from a host outside.
/// </summary>
public sealed class InstalledPlatform : Platform
{
    private const string OutsideVariable = "DYNOSPACE_TEST_OUTSIDE";
    private const string AddressesVariable = "DYNOSPACE_TEST_OUTBOUND_IPS";

    /// <summary>This host's address, which dynos reach through the gateways.</summary>
    internal IPAddress Outside { get; } = IPAddress.TryParse(Value(OutsideVariable), out var address)
        ? address
        : IPAddress.None;

    /// <summary>Addresses that spaces may have.</summary>
    internal IReadOnlyList<string> OutboundIPs { get; } =
        Value(AddressesVariable).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether such a cluster is given. Then no test starts an operator of its own.</summary>
    internal static bool IsGiven => Value(OutsideVariable).Length > 0;

    private protected override string? Missing =>
        Value("KUBECONFIG_REAL").Length > 0 && !Outside.Equals(IPAddress.None) && OutboundIPs.Count > 0
            ? null
            : $"No cluster with the chart is given, seen from outside: {OutsideVariable} and {AddressesVariable}.";

    private static string Value(string variable) => Environment.GetEnvironmentVariable(variable) ?? "";
}
