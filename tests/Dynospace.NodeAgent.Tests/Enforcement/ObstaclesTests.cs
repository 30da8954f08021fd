using System.Net;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.Testing.Networks;
using k8s.Models;
using static Dynospace.NodeAgent.Tests.Policies.RulesetTests;

namespace Dynospace.NodeAgent.Tests.Enforcement;

public sealed class ObstaclesTests
{
    [Theory]
    [InlineData("calico-node", "Running", "Calico (pod shop/agent)")]
    [InlineData("cilium", "Pending", "Cilium (pod shop/agent)")]
    [InlineData("kube-router", "Running", "kube-router (pod shop/agent)")]
    [InlineData("calico-node", "Failed", null)]
    [InlineData("kube-flannel-ds", "Running", null)]
    public void A_network_that_enforces_is_known_by_its_agent_on_this_node(string owner, string phase, string? expected)
    {
        var pod = Pod("agent", "192.0.2.1");
        pod.Status.Phase = phase;
        pod.Metadata.OwnerReferences = [new V1OwnerReference { Kind = "DaemonSet", Name = owner }];

        Assert.Equal(expected, Obstacles.OtherEnforcer([pod], []));
    }

    /// <summary>k3s enforces in the process of its agent: no pod shows it.</summary>
    [Theory]
    [InlineData("KUBE-ROUTER-FORWARD", "kube-router (KUBE-ROUTER-FORWARD in nftables)")]
    [InlineData("cali-FORWARD", "Calico (cali-FORWARD in nftables)")]
    [InlineData("KUBE-FORWARD", null)]
    public void It_is_known_by_its_chains_too(string chain, string? expected) =>
        Assert.Equal(expected, Obstacles.OtherEnforcer([], ["forward", chain]));

    [Fact]
    public void Chains_and_tables_of_the_kernel_are_listed()
    {
        NetworkNamespace.Require();
        using var node = new NetworkNamespace();
        node.Nft("table ip filter { chain cali-FORWARD { }; }\ntable inet kube-network-policies { }\n");

        var names = node.Run(() =>
        {
            using var nftables = Nftables.Open();
            return Obstacles.ChainNames(nftables);
        });

        Assert.Superset(new HashSet<string> { "filter", "cali-FORWARD" }, names.ToHashSet());
        Assert.DoesNotContain(Ruleset.Table, names);
    }

    [Theory]
    [InlineData("cni0", true, false, "cni0")]
    [InlineData("cni0", true, true, null)]
    [InlineData("cni0", false, false, null)]
    [InlineData("eth0", true, false, null)]
    public void Pods_on_a_bridge_are_seen_only_by_a_setting(string device, bool isOnIt, bool isShown, string? expected)
    {
        Link[] links = [new(1, "eth0", null), new(2, "cni0", "bridge")];
        LinkAddress[] addresses = [new(IPAddress.Parse("10.244.1.1"), 24, device == "cni0" ? 2 : 1)];

        Assert.Equal(expected, Obstacles.UnseenBridge(
            links, addresses, [IPAddress.Parse(isOnIt ? "10.244.1.7" : "10.244.2.7")], () => isShown));
    }
}
