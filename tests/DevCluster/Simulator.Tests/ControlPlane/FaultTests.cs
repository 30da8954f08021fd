using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Tests.ControlPlane;

/// <summary>Containers that crash, do not become ready or cannot be made.</summary>
public sealed class FaultTests
{
    [Fact]
    public void A_crashing_container_is_restarted_ever_more_slowly()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions { RunToCompletion = TimeSpan.FromSeconds(1) });
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", annotations: "{devcluster.dev/simulate: crash}"));

        cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, false), Restarts(cluster));
        cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((2, true), Restarts(cluster));
        Assert.StartsWith(
            "back-off 10s restarting failed container=c pod=a_default(",
            Waiting(cluster).Text("message"),
            StringComparison.Ordinal);
        cluster.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((2, false), Restarts(cluster));
        cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((3, true), Restarts(cluster));
        Assert.StartsWith("back-off 20s", Waiting(cluster).Text("message"), StringComparison.Ordinal);
        Assert.Equal(1, Container(cluster).Number("lastState", "terminated", "exitCode"));
        Assert.Equal("Running", cluster.Read(KnownResources.Pods, "a").Text("status", "phase"));
        Assert.Contains("BackOff", cluster.EventsAbout("a"));
    }

    [Fact]
    public void A_running_container_can_be_made_to_crash_and_to_recover()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions { CrashBackoff = TimeSpan.FromSeconds(4) });
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));

        Annotate(cluster, "crash");
        cluster.Advance(TimeSpan.FromMilliseconds(50));
        cluster.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal("CrashLoopBackOff", Waiting(cluster).Text("reason"));
        Annotate(cluster, null);
        cluster.Advance(TimeSpan.FromSeconds(4));

        Assert.True(PodTests.IsReady(cluster, "a"));
        Assert.Equal(2, Container(cluster).Number("restartCount"));
    }

    [Fact]
    public void An_unready_container_becomes_ready_when_its_annotation_goes()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", annotations: "{devcluster.dev/simulate: unready}"));
        Assert.Equal("Running", cluster.Read(KnownResources.Pods, "a").Text("status", "phase"));
        Assert.False(PodTests.IsReady(cluster, "a"));

        Annotate(cluster, null);

        Assert.True(PodTests.IsReady(cluster, "a"));
    }

    [Fact]
    public void An_image_can_ask_for_the_same()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, """
            metadata: {name: a}
            spec: {automountServiceAccountToken: false, containers: [{name: c, image: "simulate/image-pull-error"}]}
            """);

        Assert.Equal("ImagePullBackOff", Waiting(cluster).Text("reason"));
        Assert.Equal("Pending", cluster.Read(KnownResources.Pods, "a").Text("status", "phase"));
    }

    [Theory]
    [InlineData("env: [{name: K, valueFrom: {secretKeyRef: {name: s, key: k}}}]", "secret \"s\" not found")]
    [InlineData("envFrom: [{secretRef: {name: s}}]", "secret \"s\" not found")]
    [InlineData("envFrom: [{configMapRef: {name: s}}]", "configmap \"s\" not found")]
    public void A_container_waits_for_its_secret_and_starts_when_it_appears(string environment, string message)
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, WithContainer(environment));
        Assert.Equal("CreateContainerConfigError", Waiting(cluster).Text("reason"));
        Assert.Equal(message, Waiting(cluster).Text("message"));
        Assert.Contains("Failed", cluster.EventsAbout("a"));

        cluster.Apply(KnownResources.Secrets, "{metadata: {name: s}, stringData: {k: v}}");
        cluster.Apply(KnownResources.ConfigMaps, "{metadata: {name: s}, data: {k: v}}");

        Assert.True(PodTests.IsReady(cluster, "a"));
    }

    [Fact]
    public void A_missing_key_is_named()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Secrets, "{metadata: {name: s}, stringData: {other: v}}");

        cluster.Apply(
            KnownResources.Pods, WithContainer("env: [{name: K, valueFrom: {secretKeyRef: {name: s, key: k}}}]"));

        Assert.Equal("couldn't find key k in Secret default/s", Waiting(cluster).Text("message"));
    }

    [Theory]
    [InlineData("env: [{name: K, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}]")]
    [InlineData("envFrom: [{configMapRef: {name: s, optional: true}}]")]
    public void What_is_optional_may_be_missing(string environment)
    {
        using var cluster = new SimulatedCluster();

        cluster.Apply(KnownResources.Pods, WithContainer(environment));

        Assert.True(PodTests.IsReady(cluster, "a"));
    }

    [Fact]
    public void A_pod_waits_for_its_volume_and_has_no_address_meanwhile()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", "volumes: [{name: v, secret: {secretName: s}}]"));

        Assert.Equal("ContainerCreating", Waiting(cluster).Text("reason"));
        Assert.Null(cluster.Read(KnownResources.Pods, "a").Text("status", "podIP"));
        Assert.Equal("False", PodTests.ConditionOf(cluster, "a", "PodReadyToStartContainers").Text("status"));
        Assert.Contains("FailedMount", cluster.EventsAbout("a"));
        cluster.Apply(KnownResources.Secrets, "{metadata: {name: s}}");

        Assert.True(PodTests.IsReady(cluster, "a"));
    }

    [Fact]
    public void Repeated_events_are_counted_and_not_multiplied()
    {
        using var cluster = new SimulatedCluster(
            new ControlPlaneOptions { CrashBackoffLimit = TimeSpan.FromSeconds(10) });
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", annotations: "{devcluster.dev/simulate: crash}"));
        for (var i = 0; i < 300; i++)
        {
            cluster.Advance(TimeSpan.FromSeconds(1));
        }

        var backoff = Assert.Single(
            cluster.Registry.List(KnownResources.Events), item => item.Content.Text("reason") == "BackOff").Content;
        Assert.InRange(backoff.Number("count") ?? 0, 10, 40);
    }

    [Fact]
    public void Events_are_forgotten_after_an_hour()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));
        Assert.NotEmpty(cluster.EventsAbout("a"));

        cluster.Advance(TimeSpan.FromMinutes(61));

        Assert.Empty(cluster.EventsAbout("a"));
    }

    private static string WithContainer(string environment) => $$"""
        metadata: {name: a}
        spec: {automountServiceAccountToken: false, containers: [{name: c, image: x, {{environment}}}]}
        """;

    private static JsonObject Container(SimulatedCluster cluster) =>
        cluster.Read(KnownResources.Pods, "a").Items("status", "containerStatuses").Single();

    private static JsonObject? Waiting(SimulatedCluster cluster) => Container(cluster).Map("state", "waiting");

    private static (long, bool) Restarts(SimulatedCluster cluster) =>
        (Container(cluster).Number("restartCount") ?? -1, Waiting(cluster).Text("reason") == "CrashLoopBackOff");

    private static void Annotate(SimulatedCluster cluster, string? value) =>
        cluster.Edit(KnownResources.Pods, "a", pod =>
        {
            var annotations = pod.Ensure("metadata").Ensure("annotations");
            annotations.Remove("devcluster.dev/simulate");
            if (value is not null)
            {
                annotations["devcluster.dev/simulate"] = value;
            }
        });
}
