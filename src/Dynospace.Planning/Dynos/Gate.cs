using System.Globalization;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// The init container that delays a dyno of a space with fixed IPs until its packets leave from them. It connects
/// through the space's egress and reads its source address from the answer. The gateway answers with the built-in
/// provider, else the echo endpoint outside the cluster.
/// </summary>
internal static class Gate
{
    /// <summary>The port on which gateways answer.</summary>
    public const int Port = 7877;

    /// <summary>The container; null if the dyno has no fixed IPs or nothing can prove them.</summary>
    public static V1Container? Build(PodTemplate template, PlatformOptions options)
    {
        var addresses = template.OutboundIPs;
        if (addresses.Count == 0 || template.Space.FixedIPs is not { } fixedIPs
            || ProofOf(fixedIPs.Provider, addresses, options.Egress) is not { } proof)
        {
            return null;
        }

        var gate = PlatformContainer.Build(
            ContainerNames.Gate,
            options.Egress.GateImage,
            [
                .. proof, "--expect", string.Join(',', Expected(fixedIPs, addresses)), "--timeout",
                string.Create(CultureInfo.InvariantCulture, $"{options.Egress.GateTimeout.TotalSeconds:0}s"),
            ],
            requests: ("10m", "8Mi"),
            limits: ("100m", "16Mi"));
        // Its last message is then in the pod's status.
        gate.TerminationMessagePolicy = "FallbackToLogsOnError";
        return gate;
    }

    /// <summary>
    /// Only the built-in provider assigns addresses to dynos. With others, a connection may leave from any of the
    /// space's.
    /// </summary>
    private static IEnumerable<string> Expected(FixedIPs fixedIPs, IReadOnlyList<string> own) =>
        fixedIPs.Provider == EgressProvider.Builtin ? own : fixedIPs.Addresses;

    private static string[]? ProofOf(EgressProvider provider, IReadOnlyList<string> own, EgressOptions options) =>
        provider == EgressProvider.Builtin
            ? ["--gate", string.Create(
                CultureInfo.InvariantCulture,
                $"{(own.All(AddressBlock.IsV6Text) ? $"[{EgressOptions.GateAddress6}]" : options.GateAddress)}:{Port}")]
            : options.EchoEndpoint is not null ? ["--echo", options.Echo!] : null;
}
