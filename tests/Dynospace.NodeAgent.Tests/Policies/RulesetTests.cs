using System.Net;
using Dynospace.NodeAgent.Policies;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime;
using k8s;
using k8s.Models;
using static Dynospace.NodeAgent.Tests.Policies.ClusterOfOneNode;

namespace Dynospace.NodeAgent.Tests.Policies;

public sealed class RulesetTests
{
    private static readonly ObjectKey Odd = new("shop", "odd");

    [Fact]
    public void Pods_with_the_same_policies_share_a_chain()
    {
        var index = Index("n1",
        [
            Pod("a", "10.0.0.2"), Pod("b", "10.0.0.6"), Pod("c", "10.0.0.10"),
            Policy("deny", "{podSelector: {}, policyTypes: [Ingress]}"),
        ]);

        Assert.Single(index.Rules.Chains);
        Assert.Equal(3, index.Rules.Sets["ingress4"].Elements.Count);
        Assert.Single(index.Rules.Sets["ingress4"].Elements.Values.Distinct());
    }

    [Fact]
    public void Rules_that_mean_the_same_pods_share_a_set()
    {
        var index = Index("n1",
        [
            Pod("a", "10.0.0.2"),
            Policy("one", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {x: '1', y: '2'}}}]}]}"),
            Policy("two",
                "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: y, operator: In, values: "
                + "['2']}, {key: x, operator: In, values: ['1']}]}}], ports: [{port: 80}]}]}"),
        ]);

        Assert.Single(index.Rules.Sets.Keys, name => name.StartsWith("peers_", StringComparison.Ordinal)
            && name.EndsWith("_4", StringComparison.Ordinal));
    }

    /// <summary>Without <c>/etc/protocols</c>, which the image of the agent lacks, nftables prints numbers.</summary>
    [Theory]
    [InlineData("\"tcp\"", "\"udp\"", "\"sctp\"")]
    [InlineData("6", "17", "132")]
    public void A_dump_reads_the_same_whether_it_names_protocols_or_numbers_them(string tcp, string udp, string sctp)
    {
        var ports = RulesetDump.Parse(
            $$$"""
            {"nftables": [{"set": {
              "name": "s", "type": ["ipv4_addr", "inet_proto", "inet_service"],
              "elem": [{"concat": ["10.0.0.6", {{{tcp}}}, 6]}, {"concat": ["10.0.0.6", {{{udp}}}, 17]},
                {"concat": ["10.0.0.6", {{{sctp}}}, 132]}]}}]}
            """).Sets["s"].Elements.Keys;

        Assert.Equal(
            [
                Elements.Service(IPAddress.Parse("10.0.0.6"), Elements.ProtocolOf(TransportProtocol.Sctp), 132),
                Elements.Service(IPAddress.Parse("10.0.0.6"), Elements.ProtocolOf(TransportProtocol.Tcp), 6),
                Elements.Service(IPAddress.Parse("10.0.0.6"), Elements.ProtocolOf(TransportProtocol.Udp), 17),
            ],
            ports.Order(StringComparer.Ordinal));
    }

    /// <summary>A cluster of ten thousand pods costs a node no rule: its chains are those of its own pods.</summary>
    [Fact]
    public void Policies_that_select_no_pod_of_the_node_cost_no_rule()
    {
        var index = Index("n1",
        [
            Pod("a", "10.0.0.2", node: "n2"),
            Policy("deny", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"),
        ]);

        Assert.Empty(index.Rules.Chains);
        Assert.Equal(0, index.Rules.ElementCount);
    }

    [Theory]
    [InlineData("{podSelector: {matchLabels: {app: web}}, policyTypes: [Sideways]}", true, true, false)]
    [InlineData("{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: nonsense}}]}]}",
        true, false, false)]
    [InlineData("{podSelector: {matchExpressions: [{key: app, operator: Like}]}, policyTypes: [Egress]}",
        false, true, true)]
    public void A_policy_that_cannot_be_understood_closes_what_it_selects(
        string spec, bool closesIngress, bool closesEgress, bool closesAll)
    {
        var index = Index(
            "n1", [Pod("web", "10.0.0.2", app: "web"), Pod("db", "10.0.0.6", app: "db"), Policy("odd", spec)]);

        Assert.Equal(closesIngress, !Admits(index, "9.9.9.9", "10.0.0.2"));
        Assert.Equal(closesEgress, !Admits(index, "10.0.0.2", "9.9.9.9"));
        Assert.Equal(closesAll, !Admits(index, "10.0.0.6", "9.9.9.9"));
        Assert.Contains("shop/odd", index.Problems[("NetworkPolicy", Odd)], StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_is_understood_again_is_no_problem_any_more()
    {
        var index = Index("n1", [Pod("web", "10.0.0.2"), Policy("odd", "{podSelector: {}, policyTypes: [Sideways]}")]);

        Set(index, Policy("odd", "{podSelector: {}, ingress: [{}]}"));

        Assert.Empty(index.Problems);
        Assert.True(Admits(index, "9.9.9.9", "10.0.0.2"));
    }

    [Fact]
    public void A_pod_with_a_port_that_cannot_be_understood_is_fenced_all_the_same()
    {
        var pod = Pod("web", "10.0.0.2");
        pod = pod with
        {
            Spec = pod.Spec with
            {
                Containers = [new V1Container { Name = "c", Ports = [new() { Name = "x", ContainerPort = 0 }] }],
            },
        };

        var index = Index("n1", [pod, Policy("deny", "{podSelector: {}}")]);

        Assert.False(Admits(index, "9.9.9.9", "10.0.0.2"));
        Assert.NotEmpty(index.Problems);
    }

    /// <summary>The kubelet may hand an address on before it says that its first pod is gone.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_address_belongs_to_the_pod_that_has_it_now(bool newerFirst)
    {
        var old = Pod("old", "10.0.0.2", app: "web") with { };
        old = old with { Metadata = old.Metadata with { DeletionTimestamp = DateTime.UnixEpoch.AddHours(2) } };
        var young = Pod("young", "10.0.0.2", app: "db");
        young = young with { Metadata = young.Metadata with { CreationTimestamp = DateTime.UnixEpoch.AddHours(1) } };
        IKubernetesObject[] pods = newerFirst ? [young, old] : [old, young];

        var index = Index("n1",
        [
            .. pods, Pod("server", "10.0.0.6", app: "server"),
            Policy(
                "web",
                "{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{podSelector: {matchLabels: {app: "
                + "web}}}]}]}"),
            Policy("db", "{podSelector: {matchLabels: {app: db}}}"),
        ]);

        Assert.False(Admits(index, "10.0.0.2", "10.0.0.6"));
        Assert.False(Admits(index, "9.9.9.9", "10.0.0.2"));

        Set(index, young, isGone: true);
        Assert.True(Admits(index, "10.0.0.2", "10.0.0.6"));
        Assert.True(Admits(index, "9.9.9.9", "10.0.0.2"));
    }

    [Fact]
    public void In_a_closed_range_an_address_of_no_known_pod_passes_nothing()
    {
        var closed = CidrSet.FromRanges(AddressRange.Parse("10.0.0.0/24"));
        var index = Index("n1", [Pod("a", "10.0.0.2"), Pod("b", "10.0.0.6", node: "n2")], closed);

        Assert.True(Admits(index, "10.0.0.2", "9.9.9.9"));
        Assert.True(Admits(index, "10.0.0.6", "10.0.0.2"));
        Assert.False(Admits(index, "10.0.0.10", "9.9.9.9"));
        Assert.False(Admits(index, "10.0.0.2", "10.0.0.10"));

        Set(index, Pod("c", "10.0.0.10"));
        Assert.True(Admits(index, "10.0.0.10", "10.0.0.2"));
    }

    [Fact]
    public void What_only_admits_more_does_not_look_at_open_connections()
    {
        var index = Index("n1", [Pod("a", "10.0.0.2", app: "web"), Policy("from-web", FromWeb)]);
        var before = index.Rules.Sets.ToDictionary(set => set.Key, set => set.Value.Elements.ToDictionary());
        index.Touched.Clear();

        var applied = new Ruleset { BaseChain = index.Rules.BaseChain };
        foreach (var (name, elements) in before)
        {
            applied.Sets[name] = new RuleSetContent(index.Rules.Sets[name].Type) { Elements = elements };
        }

        Set(index, Pod("b", "10.0.0.6", app: "web", node: "n2"));
        Assert.False(RulesetDiff.Between(applied, index.Rules, index.Touched).MayNarrow);

        RulesetDiff.Between(applied, index.Rules, index.Touched).ApplyTo(applied);
        index.Touched.Clear();
        Set(index, Pod("b", "10.0.0.6", app: "db", node: "n2"));
        Assert.True(RulesetDiff.Between(applied, index.Rules, index.Touched).MayNarrow);
    }

    [Fact]
    public void Ranges_of_ports_that_overlap_or_touch_become_one()
    {
        var merged = PortSpans.Merge(
        [
            Reachability.Snapshots.CompiledPort.Range(TransportProtocol.Tcp, 80, 90),
            Reachability.Snapshots.CompiledPort.Range(TransportProtocol.Udp, 91, 95),
            Reachability.Snapshots.CompiledPort.Range(TransportProtocol.Tcp, 85, 100),
            Reachability.Snapshots.CompiledPort.Range(TransportProtocol.Tcp, 101, 101),
        ]);

        Assert.Equal(["TCP 80-101", "UDP 91-95"], merged.Select(port => port.ToString()));
    }

    internal const string FromWeb = "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}";

    internal static V1Pod Pod(string name, string ip, string app = "x", string node = "n1") => new()
    {
        Metadata = new()
        {
            NamespaceProperty = "shop",
            Name = name,
            Labels = new Dictionary<string, string> { ["app"] = app },
            CreationTimestamp = DateTime.UnixEpoch,
        },
        Spec = new() { NodeName = node, Containers = [] },
        Status = new()
        {
            Phase = "Running",
            PodIPs = [.. ip.Split(',').Select(address => new V1PodIP { Ip = address })],
        },
    };

    internal static V1NetworkPolicy Policy(string name, string spec) => new()
    {
        Metadata = new() { NamespaceProperty = "shop", Name = name },
        Spec = KubernetesYaml.Deserialize<V1NetworkPolicySpec>(spec),
    };

    private static bool Admits(PolicyIndex index, string source, string target) => FlowJudge.Admits(
        index.Rules, FlowOf(IPAddress.Parse(source), IPAddress.Parse(target), TransportPort.Tcp(80)));
}
