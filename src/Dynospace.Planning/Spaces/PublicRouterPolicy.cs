using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Routers;

namespace Dynospace.Planning.Spaces;

/// <summary>
/// The policy <c>public-routers</c>: egress of dynos to the public hosts of all apps. If nodes translate the load
/// balancer's address, policies see the router's pod, which the policy <c>internet</c> does not allow.
/// </summary>
internal static class PublicRouterPolicy
{
    /// <summary>The policy; null if dynos may not reach public routers.</summary>
    public static PolicyDraft? Draft(PolicyBuilder builder, Space space, ClusterFacts cluster, PlatformOptions options)
    {
        var ports = DynoAccess.IsOpen(cluster, options) ? OpenPorts(space.Spec.Egress) : [];
        return ports.Count == 0
            ? null
            : PolicyDraft.FromPolicy(
                builder.Egress(
                    PolicyNames.PublicRouters,
                    Selectors.Dynos,
                    [new() { To = [RouterPeers.EveryPublic(options)], Ports = Ports.TcpOnly(ports) }]));
    }

    /// <summary>
    /// A note that egress rules exclude all public routers; null if they do not. It is not a problem, since the spec
    /// asks for it.
    /// </summary>
    public static string? NoteOn(Space space, ClusterFacts cluster, PlatformOptions options) =>
        DynoAccess.IsOpen(cluster, options) && OpenPorts(space.Spec.Egress).Count == 0
            ? "Dynos do not reach the public hosts of apps, since no rule of spec.egress.rules covers all of IPv4 or "
                + "IPv6 on TCP port 80 or 443: where they need them, add one such as cidr 0.0.0.0/0, port 443."
            : null;

    /// <summary>
    /// The open ports of routers. Routers count as the whole internet, since any tenant may have an app there, so
    /// egress rules admit them only if they allow all of one family.
    /// </summary>
    private static List<int> OpenPorts(EgressSpec? egress)
    {
        if (egress?.Rules is not { Count: > 0 } rules)
        {
            return [.. RouterPorts.Listening];
        }

        var open = rules.Where(rule => AddressBlock.TryParse(rule.Cidr, out var range) && range.Prefix == 0).ToList();
        return
        [
            .. new[]
            {
                (Seen: RouterPorts.PublicHttp, Port: RouterPorts.Http),
                (Seen: RouterPorts.PublicHttps, Port: RouterPorts.Https),
            }.Where(listener => open.Any(rule => Covers(rule, listener.Seen))).Select(listener => listener.Port),
        ];
    }

    private static bool Covers(EgressRule rule, int port) =>
        rule.Protocol != NetworkProtocol.UDP
        && (rule.Port is not { } first || (first <= port && port <= (rule.EndPort ?? first)));
}
