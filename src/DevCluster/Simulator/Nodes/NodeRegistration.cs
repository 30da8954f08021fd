using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Nodes;

/// <summary>Registers a simulated node with its pod CIDR, capacity and readiness.</summary>
internal sealed class NodeRegistration(ControlPlaneContext cluster, PodAddresses addresses)
{
    private readonly ClusterWriter _writer = cluster.WriterFor("kubelet");

    public void Register(string name)
    {
        if (cluster.View.Get(KnownResources.Nodes, new ObjectKey("", name)) is not { } node
            || addresses.BlockOf(name) is not { } block)
        {
            return;
        }

        var (address, cidr) = (SimulatedNode.AddressOfBlock(block), addresses.CidrOf(name)!);
        var second = cluster.Options.SecondFamily;
        cluster.Options.Runtime?.AddNode(new RuntimeNode(name, address, cidr)
        {
            Address6 = second?.NodeAddress(address),
            PodRange6 = second?.PodRange(cidr),
        });
        if (!node.Content.Has("spec", "podCIDR"))
        {
            _writer.Update(node, content =>
            {
                content.Ensure("spec")["podCIDR"] = cidr;
                content.Ensure("spec")["podCIDRs"] =
                    second is null ? new JsonArray(cidr) : new JsonArray(cidr, second.PodRange(cidr));
            });
        }

        if (!node.Content.Has("status", "nodeInfo", "kubeletVersion")
            || node.Content.Text("status", "nodeInfo", "kubeletVersion") is "")
        {
            var status = SimulatedNode.Status(cluster.Options, node, block, cluster.Now);
            _writer.Update(node, content => content["status"] = status.DeepClone(), "status");
        }
    }
}
