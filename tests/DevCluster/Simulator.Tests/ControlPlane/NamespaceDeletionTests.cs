using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class NamespaceDeletionTests
{
    [Fact]
    public void A_namespace_goes_with_everything_in_it()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Namespaces, "{metadata: {name: home}}");
        cluster.Apply(KnownResources.Pods, In("home", PodTests.Simple("a")));
        cluster.Apply(KnownResources.ConfigMaps, "{metadata: {name: m, namespace: home}}");

        cluster.Delete(KnownResources.Namespaces, "home", ns: null);

        Assert.Null(cluster.Find(KnownResources.Namespaces, "home", null));
        Assert.Empty(cluster.Registry.List(KnownResources.ConfigMaps, "home"));
        Assert.Empty(cluster.Registry.List(KnownResources.ServiceAccounts, "home"));
        Assert.Empty(cluster.Registry.List(KnownResources.Pods, "home"));
    }

    [Fact]
    public void Pods_go_before_everything_else_and_refuse_newcomers_meanwhile()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Namespaces, "{metadata: {name: home}}");
        cluster.Apply(KnownResources.ConfigMaps, "{metadata: {name: m, namespace: home}}");
        cluster.Apply(
            KnownResources.Pods,
            In("home", PodTests.Simple("a", annotations: "{devcluster.dev/simulate: never-terminates}")));

        cluster.Delete(KnownResources.Namespaces, "home", ns: null);

        Assert.NotNull(cluster.Find(KnownResources.ConfigMaps, "m", "home"));
        Assert.Equal("Terminating", cluster.Read(KnownResources.Namespaces, "home", null).Text("status", "phase"));
        var remaining = ConditionList.Find(
            cluster.Read(KnownResources.Namespaces, "home", null)["status"], "NamespaceContentRemaining");
        Assert.Equal("Some resources are remaining: pods has 1 resource instances", remaining.Text("message"));
        var refusal =
            Assert.Throws<ApiStatusException>(
                () => cluster.Create(KnownResources.ConfigMaps, "{metadata: {name: n, namespace: home}}"));
        Assert.Equal(403, refusal.Code);
        Assert.Equal("NamespaceTerminating", refusal.Details?["causes"]?[0].Text("reason"));
        cluster.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(cluster.Find(KnownResources.Namespaces, "home", null));
    }

    [Fact]
    public void Finalizers_inside_are_waited_for_and_named()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Namespaces, "{metadata: {name: home}}");
        cluster.Apply(
            KnownResources.ConfigMaps, "{metadata: {name: m, namespace: home, finalizers: [example.com/hold]}}");

        cluster.Delete(KnownResources.Namespaces, "home", ns: null);
        var condition = ConditionList.Find(
            cluster.Read(KnownResources.Namespaces, "home", null)["status"], "NamespaceFinalizersRemaining");
        Assert.Equal(
            "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
            condition.Text("message"));
        cluster.Edit(
            KnownResources.ConfigMaps,
            "m",
            content => content["metadata"]!.AsObject().Remove("finalizers"),
            ns: "home");

        Assert.Null(cluster.Find(KnownResources.Namespaces, "home", null));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    [InlineData("kube-public")]
    public void The_cluster_keeps_its_own_namespaces(string name)
    {
        using var cluster = new SimulatedCluster();

        var refusal =
            Assert.Throws<ApiStatusException>(() => cluster.Delete(KnownResources.Namespaces, name, ns: null));

        Assert.Equal($"namespaces \"{name}\" is forbidden: this namespace may not be deleted", refusal.Message);
    }

    [Fact]
    public void The_name_is_free_again()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Namespaces, "{metadata: {name: home}}");
        cluster.Delete(KnownResources.Namespaces, "home", ns: null);

        cluster.Apply(KnownResources.Namespaces, "{metadata: {name: home}}");

        Assert.NotNull(cluster.Find(KnownResources.ServiceAccounts, "default", "home"));
    }

    private static string In(string ns, string pod) =>
        pod.Replace("metadata: {", $"metadata: {{namespace: {ns}, ", StringComparison.Ordinal);
}
