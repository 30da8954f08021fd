using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.NodeAgent.Tests.DynoNetwork;
using Dynospace.NodeAgent.Tests.Egress;
using Dynospace.NodeAgent.Tests.Enforcement;
using Dynospace.NodeAgent.Tests.Packets;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Hosting;

/// <summary>The program in a process of its own, inside the node's network.</summary>
public sealed class AgentProgramTests
{
    private const int HealthPort = 9870;

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Dynospace.NodeAgent.dll");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_crash_it_changes_nothing_that_is_right_and_removes_its_rules_only_on_command()
    {
        NetworkNamespace.Require();
        await using var cluster = await AgentCluster.StartAsync(Token);
        using var node = new EnforcedNode();
        var place = node.Node.Namespace;
        var (a, b, _) = (node.Place("10.0.0.2"), node.Place("10.0.0.6"), node.Place("10.0.0.10"));
        var listener = node.Listen("10.0.0.10", 80);
        using var relay = new ApiRelay(place, cluster.Port);
        string[] arguments = ["--kubeconfig", cluster.KubeconfigBy(relay), "--node=n1", "--policies.enforce=true"];
        await cluster.SetPolicyAsync("server", EnforcedNode.FromA, Token);

        using (var first = Start(place, [], arguments))
        {
            await ReadyAsync(place, "ok");
            first.Kill();
            await first.WaitForExitAsync(Token);
        }

        Assert.False(await node.OpensAsync(b, EnforcedNode.Server));
        var open = await node.ConnectAsync(a, EnforcedNode.Server, listener);
        var standing = place.Nft("list table inet dynospace_policies");
        using (var second = Start(place, [], arguments))
        {
            await ReadyAsync(place, "ok");
            await EnforcedNode.PassAsync(open.Client, open.Server);
            Assert.False(await node.OpensAsync(b, EnforcedNode.Server));
            Assert.Equal(WithoutCounts(standing), WithoutCounts(place.Nft("list table inet dynospace_policies")));
            Terminate(second);
            await second.WaitForExitAsync(Token);
            Assert.Equal(0, second.ExitCode);
        }

        Assert.False(await node.OpensAsync(b, EnforcedNode.Server));

        using var removal = Start(place, [], "--remove");
        await removal.WaitForExitAsync(Token);
        Assert.Equal(0, removal.ExitCode);
        Assert.True(await node.OpensAsync(b, EnforcedNode.Server));
    }

    /// <summary>What another folder holds would hand out addresses whose rules are gone.</summary>
    [Fact]
    public async Task What_is_removed_by_hand_is_where_the_options_say()
    {
        NetworkNamespace.Require();
        using var place = new NetworkNamespace();
        var folder = Directory.CreateTempSubdirectory("dyno-network-").FullName;
        try
        {
            var file = Path.Combine(folder, CniConfiguration.FileName);
            await File.WriteAllTextAsync(file, "{}", Token);

            using var removal = Start(place, [], "--remove", $"--dynoNetwork.configurationFolder={folder}");
            await removal.WaitForExitAsync(Token);

            Assert.Equal(0, removal.ExitCode);
            Assert.False(File.Exists(file));
            using var wrong = Start(place, [], "--remove", "--dynoNetwork.folder=x");
            await wrong.WaitForExitAsync(Token);
            Assert.Equal(1, wrong.ExitCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>To switch the part off is to want its rules gone.</summary>
    [Fact]
    public async Task Without_the_part_the_rules_of_an_earlier_run_go()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode();

        using var program = Start(node.Node.Namespace, [], "--policies.enforce=false");
        await ReadyAsync(node.Node.Namespace, "ok");

        Assert.Empty(node.Node.Namespace.Nft("list ruleset"));
        Terminate(program);
        await program.WaitForExitAsync(Token);
        Assert.Equal(0, program.ExitCode);
    }

    [Theory]
    [InlineData("=-all,+net_admin", "ok")]
    [InlineData("=-all", "NET_ADMIN")]
    public async Task It_needs_one_capability_and_names_it(string capabilities, string expected)
    {
        NetworkNamespace.Require();
        await using var cluster = await AgentCluster.StartAsync(Token);
        using var node = new PacketNode();
        using var relay = new ApiRelay(node.Namespace, cluster.Port);

        using var program = Start(
            node.Namespace, ["setpriv", $"--bounding-set{capabilities}", "--no-new-privs"],
            "--kubeconfig", cluster.KubeconfigBy(relay), "--node=n1", "--policies.enforce=true");

        await ReadyAsync(node.Namespace, expected);
        Terminate(program);
        await program.WaitForExitAsync(Token);
    }

    /// <summary>The dyno network by the program as the chart runs it, then switched off as the chart does.</summary>
    [Fact]
    public async Task The_dyno_network_needs_no_more_and_goes_when_it_is_switched_off()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        var node = nodes[0];
        using var relay = new ApiRelay(node.Place, nodes.Cluster.Port);
        string[] arguments =
        [
            "--kubeconfig", nodes.Cluster.KubeconfigBy(relay), "--node=n1", "--policies.enforce=true",
            $"--dynoNetwork.configurationFolder={node.Options.ConfigurationFolder}",
            $"--dynoNetwork.pluginFolder={node.Options.PluginFolder}",
            $"--dynoNetwork.stateFolder={node.Options.ReservationFolder}",
        ];
        string[] wrapper = ["setpriv", "--bounding-set=-all,+net_admin", "--no-new-privs"];

        using (var first = Start(node.Place, wrapper, [.. arguments, "--dynoNetwork.enabled=true"]))
        {
            await ReadyAsync(node.Place, "ok");
            Assert.Equal(30, NodeBlock.SlotOf((await node.AddPodAsync()).Address).PrefixLength);
            Terminate(first);
            await first.WaitForExitAsync(Token);
        }

        Assert.True(File.Exists(node.ConfigurationFile), "a SIGTERM takes nothing away");
        using var second = Start(node.Place, wrapper, [.. arguments, "--dynoNetwork.enabled=false"]);
        await ReadyAsync(node.Place, "1 pods still have addresses");
        Assert.False(File.Exists(node.ConfigurationFile));
        node.RemovePods();
        await ReadyAsync(node.Place, "ok");
        Assert.DoesNotContain("dynospace_network", node.Place.Nft("list tables"), StringComparison.Ordinal);
        Terminate(second);
        await second.WaitForExitAsync(Token);
    }

    /// <summary>Without the rules dynos would leave from the node's address.</summary>
    [Fact]
    public async Task Switched_off_or_removed_by_hand_the_way_out_stays_as_long_as_dynos_use_it()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        var pod = lab.AddDyno(10, 2, "a");
        lab.Apply();
        var place = lab.Hosts[10].Namespace;

        using var removal = Start(place, [], "--remove");
        await removal.WaitForExitAsync(Token);
        Assert.Equal(1, removal.ExitCode);
        using var program = Start(place, [], "--egress.enabled=false");
        await ReadyAsync(place, "1 dynos of this node leave from fixed IPs");
        Assert.NotNull(lab.Hosts[10].Kernel.Network.Links.Find("dynoegress"));
        Assert.Equal(EgressLab.FixedA.ToString(), await OutsideWorldAnswerAsync());

        pod.Dispose();
        await ReadyAsync(place, "ok");
        Assert.Null(lab.Hosts[10].Kernel.Network.Links.Find("dynoegress"));
        Assert.DoesNotContain("dynospace_egress", place.Nft("list tables"), StringComparison.Ordinal);
        Terminate(program);
        await program.WaitForExitAsync(Token);

        async Task<string?> OutsideWorldAnswerAsync()
        {
            using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
            return await OutsideWorld.AskTcpAsync(pod, "a", EgressLab.Outside);
        }
    }

    private static Process Start(NetworkNamespace place, string[] wrapper, params string[] arguments) => Process.Start(
        new ProcessStartInfo(
            "ip",
            [
                "netns",
                "exec",
                place.Name,
                .. wrapper,
                Environment.ProcessPath is { } host && host.EndsWith("dotnet", StringComparison.Ordinal)
                    ? host
                    : "dotnet",
                Program,
                .. arguments,
            ])
        {
            RedirectStandardOutput = false,
        })!;

    /// <summary>The process is the program's: ip and setpriv become it.</summary>
    private static void Terminate(Process process) => NetworkNamespace.Run("kill", ["-TERM", $"{process.Id}"]);

    private static async Task ReadyAsync(NetworkNamespace place, string expected)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(5));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket =
                    place.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await socket.ConnectAsync(IPAddress.Loopback, HealthPort, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        while (true)
        {
            try
            {
                using var answer =
                    await http.GetAsync(new Uri($"http://localhost:{HealthPort}/readyz"), patience.Token);
                if ((await answer.Content.ReadAsStringAsync(patience.Token)).Contains(
                    expected, StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(50, patience.Token);
        }
    }

    private static string WithoutCounts(string table) => string.Join(
        '\n', table.Split('\n').Where(line => !line.Contains("packets", StringComparison.Ordinal)));
}
