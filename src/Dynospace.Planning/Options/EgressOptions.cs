using Dynospace.Api.Spaces;

namespace Dynospace.Planning.Options;

/// <summary>How dynos leave the cluster.</summary>
public sealed record EgressOptions
{
    /// <summary>
    /// The address behind a space's egress tunnel that answers a dyno with its source address. Default 169.254.77.77.
    /// </summary>
    public string GateAddress { get; init; } = "169.254.77.77";

    /// <summary>
    /// Who translates source addresses where a Space names no provider. Default <see cref="EgressProvider.Builtin"/>.
    /// </summary>
    public EgressProvider DefaultProvider { get; init; } = EgressProvider.Builtin;

    internal IEnumerable<string> Validate() => OptionChecks.Address("gateAddress", GateAddress);
}
