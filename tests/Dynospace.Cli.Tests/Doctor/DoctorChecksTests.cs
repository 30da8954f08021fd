using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Doctor;
using Dynospace.Planning.Options;
using k8s.Models;
using Xunit;

namespace Dynospace.Cli.Tests.Doctor;

/// <summary>What the doctor says of a platform, each fault for itself.</summary>
public sealed class DoctorChecksTests
{
    [Fact]
    public void A_platform_where_all_is_right_passes_every_check() => Assert.Equal(
        """
        Ok cluster API
        Ok cluster operator
        Ok cluster node agent
        Ok cluster network
        Ok cluster gateway nodes
        Ok node/g1 agent
        Ok node/g1 EgressReady
        Ok node/g1 kernel
        Ok node/g1 nftables
        Ok node/g1 vxlan
        Ok node/g1 MTU
        Ok node/g1 forwarding
        Ok node/g1 rp_filter
        Ok node/g1 foreign rules
        Ok node/g1 routing rules
        Ok node/g1 connections
        Ok node/g2 agent
        Ok node/g2 EgressReady
        Ok node/g2 kernel
        Ok node/g2 nftables
        Ok node/g2 vxlan
        Ok node/g2 MTU
        Ok node/g2 forwarding
        Ok node/g2 rp_filter
        Ok node/g2 foreign rules
        Ok node/g2 routing rules
        Ok node/g2 connections
        Ok egressgateway/acme Ready
        Ok egressgateway/acme gateway of 198.51.100.7
        Ok egressgateway/acme ports
        Ok space/acme Ready
        """,
        string.Join('\n', DoctorVerb.Examine(Sound()).Select(check => $"{check.Result} {check.Subject} {check.Name}")));

    [Theory]
    [InlineData(65_536L, "Ok", "65536 for each pod")]
    [InlineData(16_384L, "Warning", "16384 processes and threads, fewer than the sizes Private-L (32768), ")]
    [InlineData(null, "Warning", "limits no pod's processes")]
    public void A_kubelets_limit_of_processes_is_held_against_the_sizes(object? limit, string result, string finding)
    {
        var check = DoctorVerb.Examine(Sound() with
        {
            PodPidsLimits = new Dictionary<string, long?> { ["g1"] = (long?)limit },
        }).Single(check => check.Name == "processes");

        Assert.Equal((result, "node/g1"), (check.Result.ToString(), check.Subject.ToString()));
        Assert.Contains(finding, check.Finding, StringComparison.Ordinal);
    }

    public static TheoryData<string, CheckResultName, string> Faults => new()
    {
        { "kind", CheckResultName.Failed, "cluster API: the cluster does not serve NodeNetwork" },
        { "rights", CheckResultName.Unknown, "cluster rights: you may not list nodes" },
        { "operator down", CheckResultName.Failed, "cluster operator: 0 of 2 replicas are ready" },
        { "operator half", CheckResultName.Warning, "cluster operator: 1 of 2 replicas are ready" },
        { "no operator", CheckResultName.Warning, "cluster operator: no Deployment has the label" },
        { "options", CheckResultName.Failed, "cluster options: port 0 is out of range" },
        { "no agent", CheckResultName.Failed, "cluster node agent: fixed IPs are by the built-in provider, and no" },
        { "part off", CheckResultName.Failed, "cluster node agent: fixed IPs are by the built-in provider, and the" },
        { "agents down", CheckResultName.Failed, "cluster node agent: ready on 1 of 2 nodes" },
        { "two enforcers", CheckResultName.Failed, "cluster network: Calico (DaemonSet kube-system/calico-node)" },
        { "no gateway", CheckResultName.Failed, "cluster gateway nodes: no node has the label" },
        { "one gateway", CheckResultName.Warning, "cluster gateway nodes: g1 alone" },
        { "sizes", CheckResultName.Warning, "cluster MTU: nodes have links of different size: g2 1500, g1 9000" },
        { "agent gone", CheckResultName.Failed, "node/g1 agent: no agent runs here any more" },
        { "agent unready", CheckResultName.Failed, "node/g1 agent: pod agent-g1 is not ready" },
        { "agent silent", CheckResultName.Failed, "node/g1 agent: it runs, and has written no NodeNetwork" },
        { "obstacle", CheckResultName.Failed, "node/g1 EgressReady: Egress: pods are on the bridge cni0" },
        { "unmeasured", CheckResultName.Unknown, "node/g1 kernel: the agent has not measured it" },
        { "old kernel", CheckResultName.Failed, "node/g1 kernel: Linux 4.19.0-generic is too old" },
        { "old nftables", CheckResultName.Failed, "node/g1 nftables: version 0.9.8 is too old" },
        { "no nftables", CheckResultName.Failed, "node/g1 nftables: it does not answer" },
        { "no vxlan", CheckResultName.Failed, "node/g1 vxlan: the kernel makes no VXLAN link" },
        { "untried vxlan", CheckResultName.Unknown, "node/g1 vxlan: the agent could not try" },
        { "small link", CheckResultName.Failed, "node/g1 MTU: eth0 1300 leaves less than 1280" },
        { "large tunnel", CheckResultName.Failed, "node/g1 MTU: dynoegress has 1500, and its packets need 50 more" },
        { "no forwarding", CheckResultName.Failed, "node/g1 forwarding: net.ipv4.ip_forward is 0" },
        { "strict tunnel", CheckResultName.Failed, "node/g1 rp_filter: rp_filter of dynoegress is strict" },
        { "strict by all", CheckResultName.Failed, "node/g1 rp_filter: rp_filter of dynoegress is strict" },
        { "no marks", CheckResultName.Failed, "node/g1 rp_filter: src_valid_mark of eth0 is 0" },
        { "closed uplink", CheckResultName.Failed, "node/g1 rp_filter: forwarding of eth0 is 0" },
        { "firewall", CheckResultName.Warning, "node/g1 foreign rules: dropped by default where no rule of these" },
        { "legacy", CheckResultName.Warning, "node/g1 foreign rules: legacy iptables has tables (ip filter)" },
        { "early rule", CheckResultName.Warning, "node/g1 routing rules: these come before those of fixed IPs" },
        { "many", CheckResultName.Warning, "node/g1 connections: 80 % or more of 262144 tracked connections" },
        { "full", CheckResultName.Failed, "node/g1 connections: 90 % or more" },
        { "guard", CheckResultName.Warning, "node/g1 guard: 3 packets with the wrong fixed IP" },
        { "unheld", CheckResultName.Failed, "egressgateway/acme Ready: No gateway node reports" },
        { "no failover", CheckResultName.Warning, "egressgateway/acme Ready: Traffic stops when node g1 fails" },
        { "holder down", CheckResultName.Failed, "egressgateway/acme gateway of 198.51.100.7: node g1" },
        { "ports", CheckResultName.Warning, "egressgateway/acme ports: g2 uses 1500 of its 2048 ports" },
        { "ports gone", CheckResultName.Failed, "egressgateway/acme ports: g2 uses 2048 of its 2048 ports" },
        { "space", CheckResultName.Failed, "space/acme EgressReady: AddressTaken" },
        { "space moves", CheckResultName.Warning, "space/acme EgressReady: Progressing" },
        { "not provisioned", CheckResultName.Warning, "space/acme EgressReady: NotProvisioned" },
        { "stale", CheckResultName.Warning, "space/acme Ready: the operator has not answered its last change" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Each_fault_is_named_alone(string fault, CheckResultName result, string finding)
    {
        var checks = DoctorVerb.Examine(With(fault)).Where(check => !check.IsFine).ToList();

        var check = Assert.Single(checks);
        Assert.Equal(result.ToString(), check.Result.ToString());
        Assert.StartsWith(finding, $"{check.Subject} {check.Name}: {check.Finding}", StringComparison.Ordinal);
        // Conditions bring their own remedy.
        Assert.True(
            check.Remedy is { Length: > 0 } || char.IsUpper(check.Name[0]), $"{check.Name} says nothing of what to do");
    }

    /// <summary>A loose filter of all links is one for the tunnel too.</summary>
    [Theory]
    [InlineData("2", "1")]
    [InlineData("1", "2")]
    [InlineData("0", "0")]
    public void The_reverse_path_filter_is_the_larger_one(string all, string tunnel)
    {
        var seen = Sound();
        var settings = seen.Networks[0].Status!.Kernel!.Settings!;
        (settings["ipv4/conf/all/rp_filter"], settings["ipv4/conf/dynoegress/rp_filter"]) = (all, tunnel);

        Assert.All(DoctorVerb.Examine(seen), check => Assert.True(check.IsFine, check.Finding));
    }

    [Fact]
    public void Without_an_agent_and_without_fixed_IPs_nodes_are_not_judged()
    {
        var seen = Sound() with { DaemonSets = [], Networks = [], Gateways = [], AgentPods = [], Options = new() };

        var checks = DoctorVerb.Examine(seen);

        Assert.DoesNotContain(checks, check => check.Subject.Kind == "node");
        Assert.All(checks, check => Assert.True(check.IsFine, check.Finding));
    }

    /// <summary>Where an agent is started by hand, as in a dev cluster, what it says counts.</summary>
    [Fact]
    public void An_agent_without_a_DaemonSet_is_known_by_what_it_reports()
    {
        var checks = DoctorVerb.Examine(Sound() with { DaemonSets = [], AgentPods = [] });

        Assert.All(checks, check => Assert.True(check.IsFine, check.Finding));
        Assert.Contains(checks, check => check.Finding == "no DaemonSet of it; with the part egress on 2 nodes");
        Assert.Contains(checks, check => check.Finding == "less than 20 % of 262144");
    }

    [Theory]
    [InlineData("--egressProvider=Builtin", EgressProvider.Builtin, null)]
    [InlineData("--port=0", null, "port")]
    [InlineData("--prot=1", null, "prot")]
    public void The_options_are_those_of_the_operators_command_line(
        string argument, EgressProvider? provider, string? problem)
    {
        var (options, found) = PlatformReader.OptionsOf(Operator(2, argument));

        Assert.Equal(provider, options?.Egress.Provider);
        Assert.Contains(problem ?? "", found ?? "", StringComparison.Ordinal);
        Assert.Equal(problem is null, found is null);
    }

    private static ObservedPlatform With(string fault)
    {
        var seen = Sound();
        var (network, kernel) = (seen.Networks[0], seen.Networks[0].Status!.Kernel!);
        var (gateway, space) = (seen.Gateways[0], seen.Spaces[0]);
        switch (fault)
        {
            case "kind":
                return seen with { MissingKinds = ["NodeNetwork"] };
            case "rights":
                return seen with { Forbidden = ["nodes"] };
            case "operator down":
                return seen with { Operators = [Operator(0)] };
            case "operator half":
                return seen with { Operators = [Operator(1)] };
            case "no operator":
                return seen with { Operators = [], Options = null };
            case "options":
                return seen with { OptionProblem = "port 0 is out of range" };
            case "no agent":
                return seen with { DaemonSets = [], Networks = [], AgentPods = [] };
            case "part off":
                return seen with { DaemonSets = [Agent(2, "--egress.enabled=false")] };
            case "agents down":
                return seen with { DaemonSets = [Agent(1, "--egress.enabled=true")] };
            case "two enforcers":
                return seen with
                {
                    DaemonSets =
                    [
                        Agent(2, "--egress.enabled=true", "--policies.enforce=true"), DaemonSet("calico-node"),
                    ],
                };
            case "no gateway":
                return seen with { Nodes = [Node("g1", isGateway: false), Node("g2", isGateway: false)] };
            case "one gateway":
                return seen with { Nodes = [Node("g1"), Node("g2", isGateway: false)] };
            case "sizes":
                kernel.Links![0].Mtu = 9000;
                return seen;
            case "agent gone":
                return seen with { AgentPods = [Pod("g2")] };
            case "agent unready":
                return seen with { AgentPods = [Pod("g1", isReady: false), Pod("g2")] };
            case "agent silent":
                return seen with { Networks = [seen.Networks[1]] };
            case "obstacle":
                network.Status!.Conditions = [Condition(
                    ConditionTypes.EgressReady, "False", "NodeObstacle", "Egress: pods are on the bridge cni0")];
                return seen;
            case "unmeasured":
                network.Status!.Kernel = null;
                return seen;
            case "old kernel":
                kernel.Release = "4.19.0-generic";
                return seen;
            case "old nftables":
                kernel.Nftables = "0.9.8";
                return seen;
            case "no nftables":
                kernel.Nftables = null;
                return seen;
            case "no vxlan":
                kernel.VxlanGroupPolicy = false;
                return seen;
            case "untried vxlan":
                kernel.VxlanGroupPolicy = null;
                return seen;
            case "small link":
                kernel.Links![0].Mtu = 1300;
                return seen with { Networks = [network], Nodes = [seen.Nodes[0]], Options = null };
            case "large tunnel":
                kernel.Links!.Single(link => link.Name == "dynoegress").Mtu = 1500;
                return seen;
            case "no forwarding":
                kernel.Settings!["ipv4/ip_forward"] = "0";
                return seen;
            case "strict tunnel":
                kernel.Settings!["ipv4/conf/dynoegress/rp_filter"] = "1";
                return seen;
            case "strict by all":
                kernel.Settings!["ipv4/conf/dynoegress/rp_filter"] = "0";
                kernel.Settings["ipv4/conf/all/rp_filter"] = "1";
                return seen;
            case "no marks":
                kernel.Settings!["ipv4/conf/eth0/src_valid_mark"] = "0";
                return seen;
            case "closed uplink":
                kernel.Settings!["ipv4/conf/eth0/forwarding"] = "0";
                return seen;
            case "firewall":
                kernel.ForeignChains = [Chain("ip filter", "FORWARD", "forward", "drop")];
                return seen;
            case "legacy":
                kernel.LegacyTables = ["ip filter"];
                return seen;
            case "early rule":
                kernel.ForeignRules = [new() { Priority = 50, Rule = "IPv4 fwmark 0x200/0xf00 lookup 2004" }];
                return seen;
            case "many":
                kernel.ConnectionsPercent = 80;
                return seen;
            case "full":
                kernel.ConnectionsPercent = 90;
                return seen;
            case "guard":
                network.Status!.Egress!.Drops = [new() { Reason = "guard", Packets = 3 }];
                return seen;
            case "unheld":
                gateway.Status!.IPs![0].Gateway = null;
                gateway.Status.Conditions = [Condition(
                    ConditionTypes.Ready, "False", "GatewayUnavailable", "No gateway node reports it")];
                return seen;
            case "no failover":
                gateway.Status!.Conditions = [Condition(
                    ConditionTypes.Ready, "True", "NoFailover", "Traffic stops when node g1 fails, its only gateway.")];
                return seen;
            case "holder down":
                return seen with { Nodes = [Node("g1", isReady: false), Node("g2")] };
            case "ports":
                seen.Networks[1].Status!.Egress!.Uses![0].PortsInUse = 1500;
                return seen;
            case "ports gone":
                seen.Networks[1].Status!.Egress!.Uses![0].PortsInUse = 2048;
                return seen;
            case "space":
                space.Status!.Conditions = [Condition(
                    ConditionTypes.EgressReady, "False", "AddressTaken", "198.51.100.7 is another Space's.")];
                return seen;
            case "space moves":
                space.Status!.Conditions = [Condition(
                    ConditionTypes.EgressReady, "False", "Progressing", "2 dynos still leave by other addresses.")];
                return seen;
            case "not provisioned":
                space.Status!.Conditions = [Condition(
                    ConditionTypes.EgressReady, "Unknown", "NotProvisioned", "Option egressProvider is None.")];
                return seen;
            case "stale":
                space.Metadata.Generation = 2;
                return seen;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, "no such fault");
        }
    }

    private static ObservedPlatform Sound()
    {
        var options = new PlatformOptions();
        return new ObservedPlatform
        {
            Operators = [Operator(2)],
            Options = options with { Egress = options.Egress with { Provider = EgressProvider.Builtin } },
            DaemonSets = [Agent(2, "--egress.enabled=true"), DaemonSet("kube-flannel-ds")],
            AgentPods = [Pod("g1"), Pod("g2")],
            Nodes = [Node("g1"), Node("g2")],
            Networks = [Network("g1"), Network("g2")],
            Gateways = [Gateway()],
            Spaces =
            [
                new Space
                {
                    Metadata = new() { Name = "acme", Generation = 1 },
                    Status = new()
                    {
                        ObservedGeneration = 1,
                        Conditions =
                        [
                            Condition(ConditionTypes.Ready, "True", "Ready", "All is well"),
                            Condition(ConditionTypes.Reconciling, "True", "Progressing", "not judged"),
                        ],
                    },
                },
            ],
        };
    }

    private static EgressGateway Gateway() => new()
    {
        Metadata = new() { Name = "acme" },
        Spec = new()
        {
            IPs =
            [
                new()
                {
                    Address = "198.51.100.7",
                    Gateways = ["g1", "g2"],
                    Ports = [new() { Node = "g2", First = 1024, Last = 3071 }],
                },
            ],
        },
        Status = new()
        {
            IPs = [new() { Address = "198.51.100.7", Gateway = "g1" }],
            Conditions = [Condition(ConditionTypes.Ready, "True", "Ready", "Each of 1 addresses is at a gateway.")],
        },
    };

    private static NodeNetwork Network(string name) => new()
    {
        Metadata = new() { Name = name },
        Status = new()
        {
            Parts = "Egress",
            Conditions =
            [
                Condition(ConditionTypes.EgressReady, "True", "Ready", "Egress: dynos leave from their fixed IPs"),
                Condition(ConditionTypes.Ready, "True", "Ready", "Every part works"),
            ],
            Egress = new() { Uses = [new() { Address = "198.51.100.7", PortsInUse = 10 }] },
            Kernel = new()
            {
                Release = "6.1.0-13-amd64",
                Nftables = "1.0.6",
                VxlanGroupPolicy = true,
                Links = [new() { Name = "eth0", Mtu = 1500 }, new() { Name = "dynoegress", Mtu = 1450 }],
                Settings = new Dictionary<string, string>
                {
                    ["ipv4/ip_forward"] = "1",
                    ["ipv4/conf/all/rp_filter"] = "0",
                    ["ipv4/conf/all/src_valid_mark"] = "0",
                    ["ipv4/conf/eth0/rp_filter"] = "1",
                    ["ipv4/conf/eth0/forwarding"] = "1",
                    ["ipv4/conf/eth0/src_valid_mark"] = "1",
                    ["ipv4/conf/dynoegress/rp_filter"] = "2",
                    ["ipv4/conf/dynoegress/forwarding"] = "1",
                    ["ipv4/conf/dynoegress/src_valid_mark"] = "1",
                },
                ForeignChains = [Chain("ip nat", "POSTROUTING", "postrouting", "accept")],
                ForeignRules = [new() { Priority = 100, Rule = "IPv4 lookup 100" }],
                LegacyTables = [],
                ConnectionLimit = 262144,
                ConnectionsPercent = 10,
            },
        },
    };

    private static ForeignChain Chain(string table, string name, string hook, string policy) =>
        new() { Table = table, Name = name, Hook = hook, Policy = policy };

    private static V1Node Node(string name, bool isGateway = true, bool isReady = true) => new()
    {
        Metadata = new()
        {
            Name = name,
            Labels = isGateway ? new Dictionary<string, string> { [Labels.EgressGateway] = "true" } : null,
        },
        Status = new()
        {
            Conditions = [new() { Type = "Ready", Status = isReady ? "True" : "Unknown" }],
        },
    };

    private static V1Pod Pod(string node, bool isReady = true) => new()
    {
        Metadata = new() { Name = $"agent-{node}", NamespaceProperty = "dynospace-node-agent" },
        Spec = new() { NodeName = node },
        Status = new() { Conditions = [new() { Type = "Ready", Status = isReady ? "True" : "False" }] },
    };

    private static V1Deployment Operator(int ready, params string[] arguments) => new()
    {
        Metadata = new() { Name = "dynospace-operator", NamespaceProperty = "dynospace-system" },
        Spec = new()
        {
            Replicas = 2,
            Template = new() { Spec = new() { Containers = [new() { Name = "operator", Args = [.. arguments] }] } },
        },
        Status = new() { ReadyReplicas = ready },
    };

    private static V1DaemonSet Agent(int ready, params string[] arguments)
    {
        var agent = DaemonSet("dynospace-node-agent");
        agent.Metadata.Labels = new Dictionary<string, string>
        {
            [Labels.Name] = PlatformReader.AgentName,
        };
        agent.Spec = new()
        {
            Template = new() { Spec = new() { Containers = [new() { Name = "node-agent", Args = [.. arguments] }] } },
        };
        agent.Status = new() { NumberReady = ready, DesiredNumberScheduled = 2 };
        return agent;
    }

    private static V1DaemonSet DaemonSet(string name) =>
        new() { Metadata = new() { Name = name, NamespaceProperty = "kube-system" } };

    private static V1Condition Condition(string type, string status, string reason, string message) =>
        new() { Type = type, Status = status, Reason = reason, Message = message };

    /// <summary>Public, as the data of a theory must be.</summary>
    public enum CheckResultName
    {
        Warning,
        Failed,
        Unknown,
    }
}
