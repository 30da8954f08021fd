using Dynospace.Reachability.Snapshots;
using Dynospace.Reachability.Tests.Fixtures;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class ClusterSnapshotTests
{
    [Fact]
    public void Of_two_objects_with_one_name_the_later_counts()
    {
        var cluster = new TestCluster().Pod("x/a").Pod("y/b").Policy("x/p", Policies.DenyIngress);
        Assert.False(cluster.Allows("y/b", "x/a"));

        cluster.Policy("x/p", Policies.AllowIngress);

        Assert.True(cluster.Allows("y/b", "x/a"));
        Assert.Equal(["x/p"], ClusterSnapshot.From(cluster.Objects).Policies.Select(policy => policy.ToString()));
    }

    [Fact]
    public void Lists_are_taken_apart_and_other_kinds_ignored()
    {
        var snapshot = ClusterSnapshot.From(
        [
            new V1PodList
            {
                Items = [new() { Metadata = TestCluster.Meta("x/b") }, new() { Metadata = TestCluster.Meta("x/a") }],
            },
            new V1NodeList { Items = [new() { Metadata = new() { Name = "n" } }] },
            new V1ServiceList { Items = [new() { Metadata = TestCluster.Meta("x/s") }] },
            new V1ConfigMap { Metadata = TestCluster.Meta("x/c") },
        ]);

        Assert.Equal(["x/a", "x/b"], snapshot.Pods.Select(pod => pod.ToString()));
        Assert.Equal(["node n"], snapshot.Nodes.Select(node => node.ToString()));
        Assert.Equal(["service x/s"], snapshot.Services.Select(service => service.ToString()));
    }

    [Fact]
    public void A_manifest_without_a_namespace_is_in_default()
    {
        var snapshot = ClusterSnapshot.From([new V1Pod { Metadata = new() { Name = "a" } }]);

        Assert.Equal(Endpoint.Pod("default", "a"), Assert.Single(snapshot.Pods));
    }

    [Fact]
    public void A_later_change_of_an_object_does_not_reach_the_snapshot()
    {
        var pod = new V1Pod { Metadata = TestCluster.Meta("x/a", "app=a") };
        var cluster = new TestCluster().Add(pod).Pod("y/b").Policy("x/p", "{podSelector: {matchLabels: {app: a}}}");
        var evaluator = cluster.Evaluator();

        pod.Metadata.Labels["app"] = "b";

        Assert.False(evaluator.Evaluate(Endpoint.Pod("y", "b"), Endpoint.Pod("x", "a"), TransportPort.Tcp(80)).Allowed);
        Assert.True(cluster.Allows("y/b", "x/a"));
    }

    [Theory]
    [InlineData("x/missing", "the snapshot holds no pod x/missing; check its name and namespace")]
    [InlineData("node:missing", "the snapshot holds no node missing; check its name and namespace")]
    [InlineData("svc:x/missing", "the snapshot holds no service x/missing; check its name and namespace")]
    public void What_the_snapshot_lacks_is_named(string target, string message)
    {
        var exception = Assert.Throws<EndpointNotFoundException>(() => new TestCluster().Pod("x/a").Ask("x/a", target));

        Assert.Equal(message, exception.Message);
    }
}
