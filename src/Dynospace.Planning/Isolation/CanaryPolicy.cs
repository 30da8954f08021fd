using Dynospace.Api;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Isolation;

/// <summary>
/// The policy <c>canary</c>: of three ports of the target, one is open to the probe, and of the others one is shut at either end, so that
/// a trial tells a network which enforces both directions from one which enforces half. Whoever imitates a canary's labels in the
/// namespace reaches other such pods on the open port, and nothing else that a dyno or anybody but them would answer on.
/// </summary>
internal static class CanaryPolicy
{
    public static V1NetworkPolicy Build(PolicyBuilder builder) =>
        builder.Both(
            PolicyNames.Canary,
            Selectors.Canaries,
            new()
            {
                FromProperty = [new() { PodSelector = Selectors.Canary(CanaryRoles.Probe) }],
                Ports = Ports.TcpOnly([CanaryPorts.Open, CanaryPorts.ShutAtProbe]),
            },
            new()
            {
                To = [new() { PodSelector = Selectors.Canary(CanaryRoles.Target) }],
                Ports = Ports.TcpOnly([CanaryPorts.Open, CanaryPorts.ShutAtTarget]),
            });
}
