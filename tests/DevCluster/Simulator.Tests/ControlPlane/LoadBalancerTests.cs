using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class LoadBalancerTests
{
    [Fact]
    public void It_gets_an_address_of_its_own()
    {
        using var cluster = new SimulatedCluster();

        Make(cluster, "one", "LoadBalancer");
        Make(cluster, "two", "LoadBalancer");

        Assert.StartsWith("198.18.", AddressOf(cluster, "one"), StringComparison.Ordinal);
        Assert.NotEqual(AddressOf(cluster, "one"), AddressOf(cluster, "two"));
    }

    [Fact]
    public void Another_type_has_none()
    {
        using var cluster = With("ClusterIP");

        Assert.Null(AddressOf(cluster, "one"));
    }

    [Fact]
    public void It_keeps_its_address_when_it_changes_and_loses_it_with_its_type()
    {
        using var cluster = With("LoadBalancer");
        var first = AddressOf(cluster, "one");

        Change(cluster, spec => spec["loadBalancerSourceRanges"] = new JsonArray("198.51.100.0/24"));
        Assert.Equal(first, AddressOf(cluster, "one"));

        Change(cluster, spec =>
        {
            spec["type"] = "ClusterIP";
            spec.Remove("loadBalancerSourceRanges");
        });
        Assert.Null(AddressOf(cluster, "one"));
    }

    private static SimulatedCluster With(string type)
    {
        var cluster = new SimulatedCluster();
        Make(cluster, "one", type);
        return cluster;
    }

    private static void Make(SimulatedCluster cluster, string name, string type) =>
        cluster.Apply(KnownResources.Services, $$"""
            metadata: {name: {{name}}}
            spec: {type: {{type}}, ports: [{port: 80, protocol: TCP}]}
            """);

    private static void Change(SimulatedCluster cluster, Action<JsonObject> change) =>
        cluster.Edit(KnownResources.Services, "one", content => change(content["spec"]!.AsObject()));

    private static string? AddressOf(SimulatedCluster cluster, string name) =>
        cluster.Read(KnownResources.Services, name)
            .Map("status", "loadBalancer")?["ingress"]?[0]?["ip"]?.GetValue<string>();
}
