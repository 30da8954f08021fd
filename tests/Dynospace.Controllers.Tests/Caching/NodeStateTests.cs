using System.Text.Json;
using Dynospace.Controllers.Caching;
using Xunit;

namespace Dynospace.Controllers.Tests.Caching;

public sealed class NodeStateTests
{
    [Fact]
    public void A_heartbeat_is_not_a_change() => Assert.Equal(Decode("True"), Decode("Unknown"));

    [Fact]
    public void Addresses_ranges_and_labels_are_kept()
    {
        var node = Decode("True");

        Assert.Equal(["10.0.0.5", "203.0.113.5"], node.AddressList);
        Assert.Equal(["172.16.0.0/16"], node.PodRangeList);
        Assert.Equal("oregon", node.Label("topology.kubernetes.io/region"));
        Assert.Null(node.Label("topology.kubernetes.io"));
        Assert.False(node.IsSimulated);
    }

    [Fact]
    public void A_node_of_a_dev_cluster_says_so() =>
        Assert.True(Decode("True", """, "dynospace.dev/simulated": "true" """).IsSimulated);

    [Fact]
    public void Another_label_is_a_change() => Assert.NotEqual(Decode("True"), Decode("True", """, "zone": "a" """));

    [Fact]
    public void Another_version_or_network_plugin_is_a_change_of_the_network()
    {
        const string Plugin = """, { "type": "NetworkUnavailable", "status": "False", "reason": "CiliumIsUp" }""";

        Assert.Equal(Decode("True").Network, Decode("Unknown").Network);
        Assert.NotEqual(Decode("True").Network, Decode("True", conditions: Plugin).Network);
        Assert.NotEqual(Decode("True").Network, Decode("True", kubelet: "v1.37.0").Network);
    }

    private static NodeState Decode(
        string ready, string labels = "", string conditions = "", string kubelet = "v1.36.0")
    {
        using var document = JsonDocument.Parse($$"""
            {
              "metadata": { "name": "n1", "labels": { "topology.kubernetes.io/region": "oregon" {{labels}} } },
              "spec": { "podCIDRs": ["172.16.0.0/16"] },
              "status": {
                "addresses": [
                  { "type": "ExternalIP", "address": "203.0.113.5" },
                  { "type": "InternalIP", "address": "10.0.0.5" },
                  { "type": "Hostname", "address": "n1" }
                ],
                "conditions": [{ "type": "Ready", "status": "{{ready}}" } {{conditions}}],
                "nodeInfo": { "kubeletVersion": "{{kubelet}}" }
              }
            }
            """);
        return NodeState.Decode(document.RootElement);
    }
}
