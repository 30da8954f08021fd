using System.Globalization;
using System.Text.RegularExpressions;
using Dynospace.Api;
using Dynospace.Api.Nodes;

namespace Dynospace.Cli.Doctor;

/// <summary>
/// What the agents say about their nodes. Pure. Nothing is guessed: what an agent did not measure is unknown.
/// </summary>
internal static partial class NodeChecks
{
    /// <summary>The name of the part that fixed IPs need.</summary>
    public const string Egress = "Egress";

    private const string EgressTunnel = "dynoegress";
    private const string DynoTunnel = "dyno-tunnel";
    private const string Agent = "agent";
    private const string Pods = "pods";
    private const string Connections = "connections";
    private const int TunnelOverhead = 50;
    private const int LeastMtu = 1280;
    private const int Scarce = 80;
    private const int Exhausted = 90;

    /// <summary>Routing rules of fixed IPs end here; the first has 60.</summary>
    private const int LastOwnRule = 64;

    private static readonly Version LeastKernel = new(5, 10);
    private static readonly Version LeastNftables = new(1, 0, 6);

    /// <summary>The checks of every node, and of every NodeNetwork whose node is gone.</summary>
    public static IReadOnlyList<Check> Run(ObservedPlatform seen)
    {
        var networks = seen.Networks.ToDictionary(network => network.Metadata.Name, StringComparer.Ordinal);
        return
        [
            .. seen.Nodes.Select(node => node.Metadata.Name).Union(networks.Keys).Order(StringComparer.Ordinal)
                .SelectMany(name => OfNode(name, networks.GetValueOrDefault(name), seen)),
        ];
    }

    /// <summary>The links towards the outside.</summary>
    public static IEnumerable<NodeLink> Uplinks(NodeKernel? kernel) =>
        (kernel?.Links ?? []).Where(link => link.Name is not (EgressTunnel or DynoTunnel));

    private static IReadOnlyList<Check> OfNode(string name, NodeNetwork? network, ObservedPlatform seen)
    {
        var checks = new CheckList(new Subject("node", name));
        if (!AgentRuns(checks, name, network, seen))
        {
            return checks.Checks;
        }

        Parts(checks, network);
        if (network?.Status?.Kernel is not { } kernel)
        {
            checks.Unknown(
                "kernel", "the agent has not measured it", "wait a minute; an agent of an earlier version measures "
                + "nothing: upgrade it");
            return checks.Checks;
        }

        var hasEgress = ObservedPlatform.HasPart(network, Egress);
        Versions(checks, kernel);
        Tunnel(checks, kernel, hasEgress);
        PacketSize(checks, kernel);
        Settings(checks, kernel, hasEgress);
        ForeignChains(checks, kernel, hasEgress);
        ForeignRules(checks, kernel, hasEgress);
        Tracking(checks, kernel);
        Refused(checks, network);
        return checks.Checks;
    }

    /// <summary>Checks the agent itself; false if nothing else is known of the node.</summary>
    private static bool AgentRuns(CheckList checks, string name, NodeNetwork? network, ObservedPlatform seen)
    {
        if (seen.Agent is null && network is null)
        {
            // No agent is installed, which the cluster's checks judge.
            return false;
        }

        var pod = seen.AgentPods.FirstOrDefault(pod => pod.Spec?.NodeName == name);
        var isReady = pod?.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
        if (seen.Agent is { } agent && pod is null && !seen.Forbidden.Contains(Pods))
        {
            checks.Add(
                Agent, network is null ? CheckResult.Warning : CheckResult.Failed,
                network is null
                    ? "no agent runs here: dynos with fixed IPs do not start on it"
                    : "no agent runs here any more, and what its NodeNetwork says may be old",
                $"kubectl describe daemonset -n {agent.Metadata.NamespaceProperty} {agent.Metadata.Name}; the values "
                + "nodeAgent.nodeSelector say on which nodes it runs");
            return network is not null;
        }

        if (network is null)
        {
            checks.Fail(
                Agent, "it runs, and has written no NodeNetwork",
                pod is null
                    ? null
                    : $"kubectl logs -n {pod.Metadata.NamespaceProperty} {pod.Metadata.Name}");
            return false;
        }

        if (pod is not null && !isReady)
        {
            checks.Fail(
                Agent, $"pod {pod.Metadata.Name} is not ready, and what its NodeNetwork says may be old",
                $"kubectl describe pod -n {pod.Metadata.NamespaceProperty} {pod.Metadata.Name}");
        }
        else
        {
            checks.Ok(Agent, network.Status?.Parts is { Length: > 0 } parts ? parts : "no part is switched on");
        }

        return true;
    }

    private static void Parts(CheckList checks, NodeNetwork? network)
    {
        foreach (var condition in (network?.Status?.Conditions ?? [])
            .Where(condition => condition.Type != ConditionTypes.Ready))
        {
            checks.Add(condition.Type, CheckList.ResultOf(condition), condition.Message);
        }
    }

    private static void Versions(CheckList checks, NodeKernel kernel)
    {
        if (VersionOf(kernel.Release) is not { } release)
        {
            checks.Unknown("kernel", "its release is not known");
        }
        else if (release < LeastKernel)
        {
            checks.Fail("kernel", $"Linux {kernel.Release} is too old", $"use Linux {LeastKernel} or later");
        }
        else
        {
            checks.Ok("kernel", $"Linux {kernel.Release}");
        }

        if (VersionOf(kernel.Nftables) is not { } nftables)
        {
            checks.Fail(
                "nftables", "it does not answer the agent",
                "the agent's image needs libnftables, and its container the capability NET_ADMIN");
        }
        else if (nftables < LeastNftables)
        {
            checks.Fail(
                "nftables", $"version {kernel.Nftables} is too old",
                $"build the agent's image with libnftables {LeastNftables} or later");
        }
        else
        {
            checks.Ok("nftables", $"version {kernel.Nftables}");
        }
    }

    private static void Tunnel(CheckList checks, NodeKernel kernel, bool hasEgress)
    {
        switch (kernel.VxlanGroupPolicy)
        {
            case true:
                checks.Ok("vxlan", "the kernel makes VXLAN links with group policy");
                break;
            case false:
                checks.Fail(
                    "vxlan", "the kernel makes no VXLAN link with group policy, which fixed IPs need",
                    "modprobe vxlan on the node; a kernel without it can have no dynos with fixed IPs");
                break;
            case null when hasEgress:
                checks.Unknown(
                    "vxlan", "the agent could not try whether the kernel makes VXLAN links",
                    "its container needs the capability NET_ADMIN");
                break;
        }
    }

    private static void PacketSize(CheckList checks, NodeKernel kernel)
    {
        const string name = "MTU";
        if (Uplinks(kernel).MinBy(link => link.Mtu) is not { } uplink)
        {
            checks.Unknown(name, "no link has a default route");
            return;
        }

        var text = string.Create(CultureInfo.InvariantCulture, $"{uplink.Name} {uplink.Mtu}");
        var large = kernel.Links!.FirstOrDefault(link => link.Name is EgressTunnel or DynoTunnel
            && link.Mtu > uplink.Mtu - TunnelOverhead);
        if (uplink.Mtu - TunnelOverhead < LeastMtu)
        {
            checks.Fail(
                name, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{text} leaves less than {LeastMtu} bytes in a tunnel, which takes {TunnelOverhead}"),
                "raise the MTU of the link");
        }
        else if (large is not null)
        {
            checks.Fail(
                name, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{large.Name} has {large.Mtu}, and its packets need {TunnelOverhead} more than {text} carries"),
                "the agent corrects its tunnels within five minutes; if it does not, see its log, and for the dyno "
                + "network the option dynoNetwork.mtu");
        }
        else
        {
            checks.Ok(name, text);
        }
    }

    private static void Settings(CheckList checks, NodeKernel kernel, bool hasEgress)
    {
        if (Setting(kernel, "ipv4/ip_forward") is { } forward)
        {
            if (forward == "0")
            {
                checks.Fail(
                    "forwarding", "net.ipv4.ip_forward is 0: the node forwards nothing for its pods",
                    "sysctl -w net.ipv4.ip_forward=1");
            }
            else
            {
                checks.Ok("forwarding", "net.ipv4.ip_forward is 1");
            }
        }

        if (!hasEgress || kernel.Links?.Any(link => link.Name == EgressTunnel) != true)
        {
            return;
        }

        var wrong = Wrong(kernel).ToList();
        if (wrong.Count > 0)
        {
            checks.Fail(
                "rp_filter", string.Join("; ", wrong),
                "the agent sets them again within five minutes; find what changes them, such as a file in "
                + "/etc/sysctl.d");
        }
        else
        {
            checks.Ok("rp_filter", "replies through the tunnel pass the reverse path filter");
        }
    }

    /// <summary>
    /// The kernel takes the larger of all's and the link's filter, 2 being the loose one, and any of both for marks.
    /// </summary>
    private static IEnumerable<string> Wrong(NodeKernel kernel)
    {
        if (Setting(kernel, $"ipv4/conf/{EgressTunnel}/rp_filter") is { } filter and not "2"
            && (filter == "1" || Setting(kernel, "ipv4/conf/all/rp_filter") == "1")
            && Setting(kernel, "ipv4/conf/all/rp_filter") != "2")
        {
            yield return $"rp_filter of {EgressTunnel} is strict, so the kernel drops what comes through the tunnel";
        }

        foreach (var link in kernel.Links ?? [])
        {
            if (Setting(kernel, $"ipv4/conf/{link.Name}/src_valid_mark") == "0"
                && Setting(kernel, "ipv4/conf/all/src_valid_mark") == "0" && link.Name != DynoTunnel)
            {
                yield return $"src_valid_mark of {link.Name} is 0, so the reverse path filter ignores marks";
            }

            if (Setting(kernel, $"ipv4/conf/{link.Name}/forwarding") == "0")
            {
                yield return $"forwarding of {link.Name} is 0, so nothing that comes by it is forwarded";
            }
        }
    }

    private static void ForeignChains(CheckList checks, NodeKernel kernel, bool hasEgress)
    {
        const string name = "foreign rules";
        var chains = kernel.ForeignChains ?? [];
        var drops = chains
            .Where(chain => chain.Policy == "drop"
                && (chain.Hook == "forward" || (chain.Hook == "input" && hasEgress)))
            .ToList();
        if (drops.Count > 0)
        {
            checks.Warn(
                name, "dropped by default where no rule of these admits it: "
                + string.Join(", ", drops.Select(chain => $"{chain.Hook} in {chain.Table} {chain.Name}")),
                "forward must admit packets of pods"
                + (hasEgress ? ", and both must admit UDP 4790 between nodes and the fixed IPs" : ""));
        }

        var legacy = kernel.LegacyTables ?? [];
        if (legacy.Any(table => table.EndsWith(" filter", StringComparison.Ordinal)))
        {
            checks.Warn(
                name, $"legacy iptables has tables ({string.Join(", ", legacy)}), whose rules the agent does not see",
                "iptables-legacy-save shows them: FORWARD must admit packets of pods");
        }

        if (drops.Count == 0 && legacy.Count == 0)
        {
            checks.Ok(name, chains.Count == 0
                ? "no other program has base chains in nftables"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{chains.Count} base chains of other programs, none drops by default at forward"));
        }
    }

    private static void ForeignRules(CheckList checks, NodeKernel kernel, bool hasEgress)
    {
        if (!hasEgress)
        {
            return;
        }

        var early = (kernel.ForeignRules ?? []).Where(rule => rule.Priority <= LastOwnRule).ToList();
        if (early.Count > 0)
        {
            checks.Warn(
                "routing rules", "these come before those of fixed IPs, and what they match takes another way: "
                + string.Join(", ", early.Select(rule => string.Create(
                    CultureInfo.InvariantCulture, $"{rule.Priority}: {rule.Rule}"))),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"packets that take another way are dropped: give the rules a priority above {LastOwnRule} unless "
                    + $"they match no packet of a dyno"));
        }
        else
        {
            checks.Ok("routing rules", "none of another program comes before those of fixed IPs");
        }
    }

    private static void Tracking(CheckList checks, NodeKernel kernel)
    {
        if (kernel.ConnectionsPercent is not { } percent)
        {
            return;
        }

        var text = string.Create(
            CultureInfo.InvariantCulture, $"{percent} % or more of {kernel.ConnectionLimit} tracked connections");
        const string remedy = "raise net.netfilter.nf_conntrack_max, or shorten its timeouts";
        if (percent >= Exhausted)
        {
            checks.Fail(Connections, $"{text}: new ones are about to be dropped", remedy);
        }
        else if (percent >= Scarce)
        {
            checks.Warn(Connections, text, remedy);
        }
        else
        {
            checks.Ok(Connections, string.Create(
                CultureInfo.InvariantCulture, $"less than {percent + 10} % of {kernel.ConnectionLimit}"));
        }
    }

    private static void Refused(CheckList checks, NodeNetwork? network)
    {
        var drops = network?.Status?.Egress?.Drops ?? [];
        if (drops.FirstOrDefault(drop => drop.Reason == "guard") is { Packets: > 0 } guard)
        {
            checks.Warn(
                "guard", string.Create(
                    CultureInfo.InvariantCulture,
                    $"{guard.Packets} packets with the wrong fixed IP were stopped at the last moment since the agent "
                    + $"began"),
                "please report it: earlier rules should have stopped them");
        }
    }

    private static string? Setting(NodeKernel kernel, string name) =>
        kernel.Settings is { } settings && settings.TryGetValue(name, out var value) ? value : null;

    private static Version? VersionOf(string? text) =>
        text is not null && VersionNumber().Match(text) is { Success: true } match
        && Version.TryParse(match.Value, out var version) ? version : null;

    [GeneratedRegex(@"^\d+\.\d+(\.\d+)?")]
    private static partial Regex VersionNumber();
}
