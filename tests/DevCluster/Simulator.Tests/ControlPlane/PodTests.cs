using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Tests.ControlPlane;

/// <summary>Pods on a simulated node, from birth to removal.</summary>
public sealed class PodTests
{
    /// <summary>A pod with one container, with further lines for its spec.</summary>
    public static string Simple(string name, string spec = "", string annotations = "{}") => $$"""
        metadata: {name: {{name}}, labels: {app: {{name}}}, annotations: {{annotations}}}
        spec:
          automountServiceAccountToken: false
          containers: [{name: c, image: "web:1"}]
          {{spec}}
        """;

    [Fact]
    public void A_pod_is_bound_runs_and_becomes_ready()
    {
        using var cluster = new SimulatedCluster();

        cluster.Apply(KnownResources.Pods, Simple("a"));

        var pod = cluster.Read(KnownResources.Pods, "a");
        Assert.Equal("dev-node-1", pod.Text("spec", "nodeName"));
        Assert.Equal("Running", pod.Text("status", "phase"));
        Assert.Equal(
            ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"],
            pod.Items("status", "conditions")
                .Where(condition => condition.Text("status") == "True")
                .Select(condition => condition.Text("type")));
        var container = Assert.Single(pod.Items("status", "containerStatuses"));
        Assert.True(container.Flag("ready"));
        Assert.True(container.Flag("started"));
        Assert.Equal(0, container.Number("restartCount"));
        Assert.NotNull(container.Text("state", "running", "startedAt"));
        Assert.StartsWith("web@sha256:", container.Text("imageID"), StringComparison.Ordinal);
        Assert.Equal("BestEffort", pod.Text("status", "qosClass"));
        Assert.Equal("192.168.240.11", pod.Text("status", "hostIP"));
        Assert.Equal(["Scheduled", "Pulled", "Created", "Started"], cluster.EventsAbout("a"));
    }

    [Fact]
    public void With_a_second_family_pods_and_nodes_have_addresses_of_both()
    {
        using var cluster = new SimulatedCluster(
            new ControlPlaneOptions { CertificateAuthority = "PEM", SecondFamily = SecondFamily.Local });

        cluster.Apply(KnownResources.Pods, Simple("a"));
        cluster.Apply(KnownResources.Pods, Simple("b", "hostNetwork: true"));

        Assert.Equal(["172.16.0.6", "fd79:646e::ac10:6"], Addresses("a", "podIPs"));
        Assert.Equal(["192.168.240.11", "fd79:646e:0:1::c0a8:f00b"], Addresses("a", "hostIPs"));
        Assert.Equal(Addresses("a", "hostIPs"), Addresses("b", "podIPs"));
        var node = cluster.Read(KnownResources.Nodes, "dev-node-1", "");
        Assert.Equal(["172.16.0.0/16", "fd79:646e::ac10:0/112"], node.Texts("spec", "podCIDRs"));
        Assert.Equal(
            ["192.168.240.11", "fd79:646e:0:1::c0a8:f00b"],
            node.Items("status", "addresses").Where(address => address.Text("type") == "InternalIP")
                .Select(address => address.Text("address")));

        IEnumerable<string?> Addresses(string pod, string list) =>
            cluster.Read(KnownResources.Pods, pod).Items("status", list).Select(address => address.Text("ip"));
    }

    [Fact]
    public void It_waits_until_the_runtime_has_begun_its_program()
    {
        var runtime = new ScriptedRuntime();
        using var cluster = new SimulatedCluster(
            new ControlPlaneOptions { CertificateAuthority = "PEM", Runtime = runtime });

        cluster.Apply(KnownResources.Pods, Simple("a"));

        var pod = cluster.Read(KnownResources.Pods, "a");
        Assert.Equal("Pending", pod.Text("status", "phase"));
        var container = Assert.Single(pod.Items("status", "containerStatuses"));
        Assert.Equal("ContainerCreating", container.Text("state", "waiting", "reason"));
        Assert.False(container.Flag("started"));
        Assert.Equal(["Scheduled", "Pulled", "Created"], cluster.EventsAbout("a"));

        runtime.Change(new ContainerState(true, null) { HasStarted = true });
        cluster.Settle();

        pod = cluster.Read(KnownResources.Pods, "a");
        Assert.Equal("Running", pod.Text("status", "phase"));
        Assert.True(Assert.Single(pod.Items("status", "containerStatuses")).Flag("ready"));
        Assert.Equal(["Scheduled", "Pulled", "Created", "Started"], cluster.EventsAbout("a"));
    }

    [Fact]
    public void Deleted_before_its_program_has_begun_it_is_stopped_first()
    {
        var runtime = new ScriptedRuntime();
        using var cluster = new SimulatedCluster(
            new ControlPlaneOptions { CertificateAuthority = "PEM", Runtime = runtime });
        cluster.Apply(KnownResources.Pods, Simple("a"));

        cluster.Delete(KnownResources.Pods, "a");

        Assert.NotNull(cluster.Find(KnownResources.Pods, "a"));
        Assert.Equal([false], runtime.Stops);

        runtime.Change(new ContainerState(false, 0));
        cluster.Settle();

        Assert.Null(cluster.Find(KnownResources.Pods, "a"));
    }

    [Fact]
    public void It_has_the_second_address_of_a_network_of_its_own()
    {
        using var cluster = new SimulatedCluster();

        cluster.Apply(KnownResources.Pods, Simple("a"));
        cluster.Apply(KnownResources.Pods, Simple("b"));

        var addresses =
            new[] { "a", "b" }.Select(name => cluster.Read(KnownResources.Pods, name).Text("status", "podIP")!)
                .ToList();
        Assert.Equal(2, addresses.Distinct().Count());
        Assert.All(addresses, address => Assert.Equal(2, int.Parse(address.Split('.')[3], null) % 4));
        Assert.All(addresses, address => Assert.StartsWith("172.16.", address, StringComparison.Ordinal));
        Assert.Equal(
            addresses[0], cluster.Read(KnownResources.Pods, "a").Items("status", "podIPs").Single().Text("ip"));
    }

    [Fact]
    public void On_the_host_network_it_has_the_node_address()
    {
        using var cluster = new SimulatedCluster();

        cluster.Apply(KnownResources.Pods, Simple("a", "hostNetwork: true"));

        Assert.Equal("192.168.240.11", cluster.Read(KnownResources.Pods, "a").Text("status", "podIP"));
    }

    [Fact]
    public void Startup_and_readiness_take_their_time()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions
        {
            StartupDelay = TimeSpan.FromSeconds(2),
            ReadinessDelay = TimeSpan.FromSeconds(3),
        });
        cluster.Apply(KnownResources.Pods, """
            metadata: {name: a}
            spec: {automountServiceAccountToken: false, containers: [{name: c, image: x, readinessProbe: {tcpSocket: {port: 80}}}]}
            """);

        Assert.Equal("ContainerCreating", StateOf(cluster, "a").Text("waiting", "reason"));
        cluster.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(StateOf(cluster, "a").Map("running"));
        Assert.False(IsReady(cluster, "a"));
        Assert.Equal("containers with unready status: [c]", ConditionOf(cluster, "a", "Ready").Text("message"));
        cluster.Advance(TimeSpan.FromSeconds(3));
        Assert.True(IsReady(cluster, "a"));
    }

    [Fact]
    public void Init_containers_run_one_after_the_other_before_the_main_ones()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, Simple("a", "initContainers: [{name: i, image: x}, {name: j, image: x}]"));

        Assert.Equal(["i"], Running(cluster, "a", "initContainerStatuses"));
        Assert.Equal("PodInitializing", StateOf(cluster, "a").Text("waiting", "reason"));
        Assert.Equal(
            "containers with incomplete status: [i j]", ConditionOf(cluster, "a", "Initialized").Text("message"));
        cluster.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(["j"], Running(cluster, "a", "initContainerStatuses"));
        cluster.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(["c"], Running(cluster, "a", "containerStatuses"));
        Assert.True(IsReady(cluster, "a"));
    }

    [Fact]
    public void A_sidecar_stays_while_the_main_container_runs()
    {
        using var cluster = new SimulatedCluster();

        cluster.Apply(KnownResources.Pods, Simple("a", "initContainers: [{name: s, image: x, restartPolicy: Always}]"));

        Assert.Equal(["s"], Running(cluster, "a", "initContainerStatuses"));
        Assert.Equal(["c"], Running(cluster, "a", "containerStatuses"));
    }

    [Theory]
    [InlineData("{}", "Succeeded", 0)]
    [InlineData("{devcluster.dev/simulate: \"exit:0\"}", "Succeeded", 0)]
    [InlineData("{devcluster.dev/simulate: \"exit:3\"}", "Failed", 3)]
    [InlineData("{devcluster.dev/simulate.c: crash}", "Failed", 1)]
    public void A_one_off_pod_ends_with_its_exit_code(string annotations, string phase, int code)
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, Simple("a", "restartPolicy: Never", annotations));
        Assert.Equal("Running", cluster.Read(KnownResources.Pods, "a").Text("status", "phase"));

        cluster.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Equal(phase, cluster.Read(KnownResources.Pods, "a").Text("status", "phase"));
        Assert.Equal(code, StateOf(cluster, "a").Number("terminated", "exitCode"));
        Assert.False(IsReady(cluster, "a"));
    }

    [Fact]
    public void A_one_off_pod_that_keeps_running_does_not_end()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(
            KnownResources.Pods, Simple("a", "restartPolicy: Never", "{devcluster.dev/simulate: keeps-running}"));

        cluster.Advance(TimeSpan.FromHours(5));

        Assert.Equal("Running", cluster.Read(KnownResources.Pods, "a").Text("status", "phase"));
    }

    [Fact]
    public void A_deadline_fails_the_pod()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, Simple("a", "activeDeadlineSeconds: 5"));

        cluster.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("Failed", cluster.Read(KnownResources.Pods, "a").Text("status", "phase"));
        Assert.Equal("DeadlineExceeded", cluster.Read(KnownResources.Pods, "a").Text("status", "reason"));
    }

    [Fact]
    public void A_new_image_restarts_the_container()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, Simple("a"));

        cluster.Edit(KnownResources.Pods, "a", pod => pod["spec"]!["containers"]![0]!["image"] = "web:2");

        var container = cluster.Read(KnownResources.Pods, "a").Items("status", "containerStatuses").Single();
        Assert.Equal("web:2", container.Text("image"));
        Assert.Equal(1, container.Number("restartCount"));
        Assert.True(container.Flag("ready"));
    }

    [Fact]
    public void A_readiness_gate_holds_the_pod_back_until_it_opens()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, Simple("a", "readinessGates: [{conditionType: example.com/gate}]"));
        Assert.False(IsReady(cluster, "a"));

        cluster.Edit(
            KnownResources.Pods,
            "a",
            pod => pod["status"]!["conditions"]!.AsArray()
                .Add(new JsonObject { ["type"] = "example.com/gate", ["status"] = "True" }),
            "status");

        Assert.True(IsReady(cluster, "a"));
    }

    internal static JsonObject? StateOf(SimulatedCluster cluster, string name) =>
        cluster.Read(KnownResources.Pods, name).Items("status", "containerStatuses").Single().Map("state");

    internal static bool IsReady(SimulatedCluster cluster, string name) =>
        ConditionList.IsTrue(cluster.Read(KnownResources.Pods, name)["status"], "Ready");

    internal static JsonObject? ConditionOf(SimulatedCluster cluster, string name, string type) =>
        ConditionList.Find(cluster.Read(KnownResources.Pods, name)["status"], type);

    private static IEnumerable<string?> Running(SimulatedCluster cluster, string name, string list) =>
        cluster.Read(KnownResources.Pods, name)
            .Items("status", list)
            .Where(status => status.Has("state", "running"))
            .Select(status => status.Text("name"));

    [Fact]
    public void A_crashing_container_with_a_probe_is_never_ready()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions { RunToCompletion = TimeSpan.FromSeconds(1) });
        cluster.Apply(KnownResources.Pods, """
            metadata: {name: web, annotations: {devcluster.dev/simulate: crash}}
            spec: {containers: [{name: web, image: web, readinessProbe: {tcpSocket: {port: 5000}}}]}
            """);

        Assert.Equal("Running", cluster.Read(KnownResources.Pods, "web").Text("status", "phase"));
        Assert.False(
            cluster.Read(KnownResources.Pods, "web").Map("status").Items("containerStatuses")[0].Flag("ready"));
    }

    /// <summary>A runtime whose containers do what the test says.</summary>
    private sealed class ScriptedRuntime : INodeRuntime
    {
        private ContainerState _state = new(false, null);
        private string _pod = "";

        public event Action<string>? PodChanged;

        /// <summary>What was stopped: whether it was killed.</summary>
        public List<bool> Stops { get; } = [];

        public void Change(ContainerState state)
        {
            _state = state;
            PodChanged?.Invoke(_pod);
        }

        public void AddNode(RuntimeNode node)
        {
        }

        public SandboxState Prepare(PodSandbox sandbox) => new(true, null);

        public void Start(ContainerStart start) => _pod = start.Run.PodUid;

        public ContainerState StateOf(ContainerRunId run) => _state;

        public void Stop(ContainerRunId run, bool isKilled) => Stops.Add(isKilled);

        public void Remove(string podUid)
        {
        }
    }
}
