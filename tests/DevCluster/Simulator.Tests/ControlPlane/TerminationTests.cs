using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class TerminationTests
{
    private const string Stubborn = "{devcluster.dev/simulate: never-terminates}";

    [Fact]
    public void A_well_behaved_pod_goes_at_once_and_reports_its_end()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));
        var changes = cluster.Registry.Subscribe(TestContext.Current.CancellationToken);

        cluster.Delete(KnownResources.Pods, "a");

        Assert.Null(cluster.Find(KnownResources.Pods, "a"));
        Assert.Contains("Killing", cluster.EventsAbout("a"));
        var phases = new List<string?>();
        while (changes.TryRead(out var change))
        {
            if (change.Object.Resource == KnownResources.Pods)
            {
                phases.Add($"{change.Type} {change.Object.Content.Text("status", "phase")}");
            }
        }

        Assert.Equal(["Modified Running", "Modified Succeeded", "Deleted Succeeded"], phases);
    }

    [Fact]
    public void A_stubborn_pod_stays_until_its_grace_ends()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", "terminationGracePeriodSeconds: 20", Stubborn));

        cluster.Delete(KnownResources.Pods, "a");
        cluster.Advance(TimeSpan.FromSeconds(19));
        Assert.True(cluster.Read(KnownResources.Pods, "a").Has("metadata", "deletionTimestamp"));
        cluster.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(cluster.Find(KnownResources.Pods, "a"));
    }

    [Fact]
    public void Grace_can_be_shortened_while_it_runs()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", annotations: Stubborn));
        cluster.Delete(KnownResources.Pods, "a");
        cluster.Advance(TimeSpan.FromSeconds(1));

        cluster.Delete(KnownResources.Pods, "a", grace: 2);
        cluster.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(cluster.Find(KnownResources.Pods, "a"));
    }

    [Fact]
    public void A_forced_deletion_waits_for_nobody()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", annotations: Stubborn));

        cluster.Delete(KnownResources.Pods, "a", grace: 0);

        Assert.Null(cluster.Find(KnownResources.Pods, "a"));
    }

    [Fact]
    public void Containers_take_the_time_that_the_options_give_them()
    {
        using var cluster = new SimulatedCluster(
            new ControlPlaneOptions { TerminationDelay = TimeSpan.FromSeconds(3) });
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));

        cluster.Delete(KnownResources.Pods, "a");
        Assert.NotNull(cluster.Find(KnownResources.Pods, "a"));
        cluster.Advance(TimeSpan.FromSeconds(3));

        Assert.Null(cluster.Find(KnownResources.Pods, "a"));
    }

    [Fact]
    public void A_finalizer_keeps_the_ended_pod_and_its_removal_lets_it_go()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));
        cluster.Edit(
            KnownResources.Pods,
            "a",
            pod => pod["metadata"]!["finalizers"] = new System.Text.Json.Nodes.JsonArray("example.com/hold"));

        cluster.Delete(KnownResources.Pods, "a");
        Assert.Equal("Succeeded", cluster.Read(KnownResources.Pods, "a").Text("status", "phase"));
        cluster.Edit(KnownResources.Pods, "a", pod => pod["metadata"]!.AsObject().Remove("finalizers"));

        Assert.Null(cluster.Find(KnownResources.Pods, "a"));
    }

    [Fact]
    public void An_address_is_free_again_when_its_pod_is_gone_but_not_at_once()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));
        var first = cluster.Read(KnownResources.Pods, "a").Text("status", "podIP");
        cluster.Delete(KnownResources.Pods, "a");

        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));

        Assert.NotEqual(first, cluster.Read(KnownResources.Pods, "a").Text("status", "podIP"));
    }
}
