using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Tests.ControlPlane;

namespace DevCluster.Simulator.Tests.Admission;

public sealed class ServiceAddressTests
{
    [Fact]
    public void Every_service_gets_an_address_of_its_own()
    {
        using var cluster = new SimulatedCluster();

        var addresses = Enumerable.Range(0, 300)
            .Select(i => AddressOf(cluster.Create(KnownResources.Services, Service($"s{i}"))))
            .ToList();

        Assert.Equal(300, addresses.Distinct().Count());
        Assert.All(addresses, address => Assert.StartsWith("10.96.", address, StringComparison.Ordinal));
    }

    [Fact]
    public void An_address_in_use_is_refused_and_free_again_after_deletion()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Services, Service("a", "clusterIP: 10.96.7.7,"));

        var refusal =
            Assert.Throws<ApiStatusException>(
                () => cluster.Create(KnownResources.Services, Service("b", "clusterIP: 10.96.7.7,")));
        Assert.Contains(
            "failed to allocate IP 10.96.7.7: provided IP is already allocated",
            refusal.Message,
            StringComparison.Ordinal);
        cluster.Delete(KnownResources.Services, "a");

        Assert.Equal(
            "10.96.7.7", AddressOf(cluster.Create(KnownResources.Services, Service("b", "clusterIP: 10.96.7.7,"))));
    }

    [Fact]
    public void Node_ports_are_unique_in_their_protocol_and_within_their_range()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Services, Service("a", "type: NodePort,", 30100));

        Assert.Contains(
            "provided port is already allocated",
            Assert.Throws<ApiStatusException>(
                () => cluster.Create(KnownResources.Services, Service("b", "type: NodePort,", 30100))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "The range of valid ports is 30000-32767",
            Assert.Throws<ApiStatusException>(
                () => cluster.Create(KnownResources.Services, Service("b", "type: NodePort,", 80))).Message,
            StringComparison.Ordinal);
        var free =
            cluster.Create(KnownResources.Services, Service("b", "type: NodePort,")).Content.Items("spec", "ports")
                .Single()
                .Number("nodePort");
        Assert.InRange(free ?? 0, 30000, 32767);
    }

    [Fact]
    public void A_dry_run_takes_nothing()
    {
        using var cluster = new SimulatedCluster();
        var content = System.Text.Json.Nodes.JsonNode.Parse(
            """{"metadata":{"name":"a","namespace":"default"},"spec":{"clusterIP":"10.96.7.7","ports":[{"port":80}]}}""")!.AsObject();

        cluster.Registry.Create(KnownResources.Services, content, new WriteOptions("test", DryRun: true));

        Assert.Equal(
            "10.96.7.7", AddressOf(cluster.Create(KnownResources.Services, Service("b", "clusterIP: 10.96.7.7,"))));
    }

    private static string? AddressOf(StoredObject service) => service.Content.Text("spec", "clusterIP");

    private static string Service(string name, string spec = "", int? nodePort = null) =>
        $"{{metadata: {{name: {name}}}, spec: {{{spec} selector: {{a: b}}, ports: [{{port: "
        + $"80{(nodePort is null ? "" : $", nodePort: {nodePort}")}}}]}}}}";
}
