using Dynospace.Linux.Netlink;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.NodeAgent.Status;
using Dynospace.NodeAgent.Tests.Enforcement;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.Tests.DynoNetwork;

/// <summary>
/// What a node may lack, tried on real nodes: the agent names it, no pod gets an address, dynos of another node are not
/// affected, and the agent goes on without a restart once the node has it.
/// </summary>
public sealed class BadNodeTests
{
    private static readonly AddressRange OneBlock = AddressRange.Parse("172.17.0.0/23");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The fault of the node, and a part of the message.</summary>
    public static TheoryData<string, string> Cases => new()
    {
        { "an overlapping range", "an address of this node (172.20.0.1/32) overlaps 172.16.0.0/12" },
        { "an exhausted range", "every block of length 23 in 172.17.0.0/23 is claimed: set dynoNetwork.range" },
        { "missing plugins", "ptp, host-local, bandwidth are missing in " },
        { "a folder below a file", "dynoNetwork.stateFolder" },
        { "a folder that nobody can write", "dynoNetwork.configurationFolder" },
        { "a kernel without VXLAN", "the kernel cannot make the tunnel (module vxlan)" },
        { "an old nftables", "nftables refuses the rules (version 1.0.6 and Linux 5.10 are needed): syntax error" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_a_node_lacks_is_named_and_harms_nobody(string @case, string expected)
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared: false, Token);
        if (@case == "an exhausted range")
        {
            nodes[1].Options = nodes[1].Options with { Range = OneBlock };
        }

        await nodes[1].SettleAsync();
        var (a, b) = (await nodes[1].AddPodAsync(), await nodes[1].AddPodAsync());
        var heal = Spoil(@case, nodes[0]);
        var folder = nodes[0].Options.ConfigurationFolder;

        var agent = await nodes[0].StartAsync();

        await UntilAsync(() => agent.Report is { IsReady: false } report
            && report.Message.Contains(expected, StringComparison.Ordinal));
        Assert.Contains(expected, NodeNetworkStatuses.Problem([agent.Report]), StringComparison.Ordinal);
        Assert.False(agent.Settled.IsCompleted);
        Assert.False(File.Exists(Path.Combine(folder, CniConfiguration.FileName)));
        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));

        // Files, rules and links of a repaired node appear while the agent runs.
        if (heal is not null)
        {
            heal();
            await agent.Settled.WaitAsync(TimeSpan.FromMinutes(2), Token);
            var c = await nodes[0].AddPodAsync();
            Assert.Equal(c.Address, await DynoNode.SendAsync(c.Place, null, a.Place, a.Address));
        }
    }

    [Fact]
    public async Task What_a_node_lacks_later_harms_no_dyno_that_runs()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        await nodes[0].SettleAsync();
        var (a, b) = (await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync());
        await nodes[0].StopAsync();
        var table = nodes[0].Table();
        Spoil("missing plugins", nodes[0]);

        var agent = await nodes[0].StartAsync();

        await UntilAsync(() => agent.Report is { IsReady: false } report
            && report.Message.Contains("are missing in ", StringComparison.Ordinal));
        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));
        Assert.Equal(WithoutCounts(table), WithoutCounts(nodes[0].Table()));
    }

    /// <returns>Repairs the node; null if the agent would need a restart.</returns>
    private static Action? Spoil(string @case, DynoNode node)
    {
        var isSpoilt = true;
        switch (@case)
        {
            case "an overlapping range":
                node.Place.Ip("address add 172.20.0.1/32 dev eth0");
                return () => node.Place.Ip("address del 172.20.0.1/32 dev eth0");
            case "an exhausted range":
                node.Options = node.Options with { Range = OneBlock };
                return null;
            case "missing plugins":
                var (plugins, folder) = (node.Options.PluginFolder, Beside(node, "plugins"));
                node.Options = node.Options with { PluginFolder = folder };
                return () => Directory.CreateSymbolicLink(folder, plugins);
            case "a folder below a file":
                var file = Beside(node, "file");
                File.WriteAllText(file, "");
                node.Options = node.Options with { ReservationFolder = Path.Combine(file, "state") };
                return () => File.Delete(file);
            case "a folder that nobody can write":
                node.Options = node.Options with { ConfigurationFolder = "/sys/kernel" };
                return null;
            case "a kernel without VXLAN":
                node.Kernel = kernel => kernel with
                {
                    Network = kernel.Network with
                    {
                        Links = new LinksWithoutVxlan(kernel.Network.Links, () => isSpoilt),
                    },
                };
                return () => isSpoilt = false;
            default:
                node.Kernel = kernel => kernel with { Nftables = new OldNftables(kernel.Nftables, () => isSpoilt) };
                return () => isSpoilt = false;
        }
    }

    private static string Beside(DynoNode node, string name) =>
        Path.Combine(Path.GetDirectoryName(node.Options.ConfigurationFolder)!, name);

    private static string WithoutCounts(string rules) => string.Join(
        '\n', rules.Split('\n').Where(line => !line.Contains("packets", StringComparison.Ordinal)));

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>Answers as a kernel without the module does.</summary>
    private sealed class LinksWithoutVxlan(ILinks links, Func<bool> isMissing) : ILinks
    {
        private const int NotSupported = 95;

        public IReadOnlyList<Link> List() => links.List();

        public Link? Find(string name) => links.Find(name);

        public void Add(LinkDefinition link)
        {
            if (link is VxlanLink && isMissing())
            {
                throw new NetlinkException(NotSupported, "Unknown device type");
            }

            links.Add(link);
        }

        public void Change(int index, LinkChange change) => links.Change(index, change);

        public void Delete(int index) => links.Delete(index);
    }
}
