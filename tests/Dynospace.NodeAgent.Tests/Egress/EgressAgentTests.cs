using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Egress;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Tests.Enforcement;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using Dynospace.Testing.Networks;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>Whole agents, which follow an API server, on nodes whose packets are real.</summary>
public sealed class EgressAgentTests(ITestOutputHelper output)
{
    private static readonly ResourceKind Kind = ResourceKind.For<EgressGateway>(isNamespaced: false);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agents_follow_the_api_server_and_say_what_they_do()
    {
        NetworkNamespace.Require();
        await using var cluster = await AgentCluster.StartAsync(Cancellation);
        await cluster.AddDefinitionsAsync(Cancellation);
        using var lab = new EgressLab([10], [11]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var agents = lab.Hosts.Values.ToDictionary(host => host.Number, host => Agent(cluster, host));
        var running = agents.Values.Select(agent => agent.RunAsync(stop.Token)).ToList();
        var pod = lab.Hosts[10].AddPod(2);
        var stranger = lab.Hosts[10].AddPod(3);

        await cluster.Transport().CreateAsync(
            Kind, JsonObjects.From(Gateway(lab)), new WriteQuery(), Cancellation);
        await AddPodAsync(cluster, pod, "a-1", "198.51.100.201");
        // Not one of the space's: no way out.
        await AddPodAsync(cluster, stranger, "a-2", "198.51.100.203");

        await OutsideWorld.PassGateAsync(pod, EgressLab.FixedA);
        Assert.Equal("198.51.100.201", await OutsideWorld.AskTcpAsync(pod, "a", EgressLab.Outside));
        Assert.Null(await OutsideWorld.AskTcpAsync(
            stranger, "stranger", EgressLab.Outside, TimeSpan.FromMilliseconds(300)));
        output.WriteLine(outside.Describe());
        Assert.Equal([EgressLab.FixedA], outside.SourcesOf("a"));
        Assert.Empty(outside.SourcesOf("stranger"));
        Assert.All(agents.Values, agent => Assert.Equal(Reasons.Ready, agent.Report.Reason));
        Assert.Equal(["198.51.100.201"], agents[11].Report.Egress!.Holds);
        Assert.Empty(agents[10].Report.Egress!.Holds!);

        // Deleted while dynos use it: they have no way out, rather than the node's address.
        await cluster.Transport().DeleteAsync(
            Kind, ObjectKey.ClusterScoped("a"), new DeleteQuery(), Cancellation);
        await UntilAsync(() => agents[10].Report.Message.Contains("is gone", StringComparison.Ordinal));
        // The report comes before the rules.
        for (string? seen = "", last = ""; seen is not null; last = seen)
        {
            Assert.True(last is "" or "198.51.100.201", last);
            seen = await OutsideWorld.AskTcpAsync(pod, "a", EgressLab.Outside, TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal([EgressLab.FixedA], outside.SourcesOf("a"));

        // Taken away when nobody uses it any more.
        foreach (var name in new[] { "a-1", "a-2" })
        {
            await cluster.Client.CoreV1.DeleteNamespacedPodAsync(
                name, "shop", gracePeriodSeconds: 0, cancellationToken: Cancellation);
        }

        await UntilAsync(() => lab.Hosts.Values.All(host => host.Kernel.Network.Links.Find("dynoegress") is null));
        await stop.CancelAsync();
        await Task.WhenAll(running);
    }

    [Fact]
    public void A_pod_that_is_going_or_whose_address_is_anothers_already_is_bound_to_no_interface_of_that()
    {
        var members = new EgressMembers([]);
        var address = System.Net.IPAddress.Parse("10.0.0.2");
        EgressPod Pod(string uid, bool isTerminating = false) =>
            new(uid, uid, 1, [(address, (int?)1)]) { IsTerminating = isTerminating };
        static Link Link(int index, string kind = "veth") => new(index, $"v{index}", kind);
        Route Route(int link) => new(new System.Net.IPNetwork(address, 32)) { Link = link };

        Assert.Empty(members.Bind([Pod("going", isTerminating: true)], [Link(3)], [Route(3)]));
        Assert.Equal(3, Assert.Single(members.Bind([Pod("a")], [Link(3)], [Route(3)])).Link);
        // Its interface is gone, and the address is another's: the API server has not said so yet.
        Assert.Empty(members.Bind([Pod("a")], [Link(4)], [Route(4)]));
        Assert.Equal(4, Assert.Single(members.Bind([Pod("b")], [Link(4)], [Route(4)])).Link);
        Assert.Empty(members.Bind([Pod("c")], [Link(5, "bridge")], [Route(5)]));
        Assert.Contains("bridge v5", members.Problems["c"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_that_is_going_stays_bound_when_the_agent_is_started_again()
    {
        var address = System.Net.IPAddress.Parse("10.0.0.2");
        EgressPod[] pods = [new("going", "going", 1, [(address, (int?)1)]) { IsTerminating = true }];
        static Link Link(int index) => new(index, $"v{index}", "veth");
        Route Route(int link) => new(new System.Net.IPNetwork(address, 32)) { Link = link };

        Assert.Equal(3, Assert.Single(new EgressMembers([(3, address)]).Bind(pods, [Link(3)], [Route(3)])).Link);
        // The address is another's already.
        Assert.Empty(new EgressMembers([(3, address)]).Bind(pods, [Link(4)], [Route(4)]));
    }

    [Fact]
    public void What_the_kernel_has_is_found_by_the_next_run_and_an_agent_at_rest_changes_nothing()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        var pod = lab.AddDyno(10, 2, "a");
        lab.Apply();
        var host = lab.Hosts[10];
        using var applier = new EgressApplier(host.Namespace.Run(() => KernelAccess.Open(EgressTable.Name)));
        host.Namespace.Run(() => applier.Apply(lab.Facts(10)));

        Assert.Equal(
            pod.Addresses.Select(address => (pod.Link, address)).ToHashSet(),
            host.Namespace.Run(applier.KnownDynos).ToHashSet());

        using var monitor = host.Namespace.Run(() => new NetworkMonitorSocket());
        host.Namespace.Run(() =>
        {
            applier.CompareRoutes();
            return applier.Apply(lab.Facts(10));
        });
        var changes = monitor.Take();
        Assert.True(changes.IsEmpty, $"{changes}");
    }

    [Fact]
    public void What_an_agent_writes_and_removes_itself_is_no_change_by_another_program()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        lab.AddDyno(10, 2, "a");
        lab.Apply();
        var host = lab.Hosts[10];
        using var applier = new EgressApplier(host.Namespace.Run(() => KernelAccess.Open(EgressTable.Name)));
        host.Namespace.Run(() => applier.Apply(lab.Facts(10)));
        Assert.False(applier.IsTableForeign());

        host.Namespace.Run(() =>
        {
            applier.Remove();
            return true;
        });
        Assert.False(applier.IsTableForeign());

        host.Namespace.Nft($"add table {EgressTable.Table}");
        Assert.True(applier.IsTableForeign());
    }

    private static EgressAgent Agent(AgentCluster cluster, LabHost host) => new(
        $"n{host.Number}",
        "default",
        cluster.Transport(),
        () => host.Namespace.Run(() => KernelAccess.Open(EgressTable.Name)),
        () => host.Namespace.Run(() => new NetworkMonitorSocket()),
        TimeProvider.System,
        NullLoggerFactory.Instance)
    {
        Within = action => host.Namespace.Run(() =>
        {
            action();
            return true;
        }),
    };

    private static EgressGateway Gateway(EgressLab lab) => new()
    {
        Metadata = new V1ObjectMeta { Name = "a" },
        Spec = new EgressGatewaySpec
        {
            Namespace = "shop",
            IPs =
            [
                new EgressIP
                {
                    Address = "198.51.100.201",
                    Number = 1,
                    Mode = EgressAddressMode.Announced,
                    Gateways = ["n11"],
                    Ports = [new EgressPortBlock { Node = "n10", First = 20_000, Last = 22_047 }],
                },
            ],
            Nodes =
            [
                .. lab.Nodes.Select(node => new Api.Egress.EgressNode
                {
                    Name = node.Name,
                    Number = node.Number,
                    Addresses = [.. node.Addresses.Select(address => address.ToString())],
                }),
            ],
            Exempt = [.. lab.Spaces[0].Exempt.Select(range => range.ToString())],
        },
    };

    private static Task AddPodAsync(AgentCluster cluster, LabPod pod, string name, string outbound) =>
        cluster.AddPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = new Dictionary<string, string> { [Labels.Dyno] = name },
                    Annotations = new Dictionary<string, string> { [Annotations.OutboundIP] = outbound },
                },
                Spec = new V1PodSpec
                {
                    NodeName = $"n{pod.Host.Number}",
                    InitContainers =
                    [
                        new V1Container { Name = "gate", Image = "gate", Args = ["--gate", "169.254.77.77:7877"] },
                    ],
                },
                Status = new V1PodStatus
                {
                    Phase = "Running",
                    PodIP = pod.Addresses[0].ToString(),
                    PodIPs = [.. pod.Addresses.Select(address => new V1PodIP { Ip = address.ToString() })],
                },
            },
            Cancellation);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Delay(50, Cancellation);
        }
    }
}
