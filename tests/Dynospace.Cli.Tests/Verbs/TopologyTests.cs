using System.Text.Json.Nodes;
using System.Xml.Linq;
using Dynospace.Api.Apps;
using Dynospace.Cli.Topologies;
using Xunit;

namespace Dynospace.Cli.Tests.Verbs;

/// <summary>A space as a tree, as JSON, as Mermaid and as SVG.</summary>
public sealed class TopologyTests(LivePlatform platform)
{
    [Fact]
    public async Task A_space_is_drawn()
    {
        using var session = await platform.StartAsync();
        var (code, tree, error) = await session.TryAsync("topology");
        Assert.True(code == 0, error);

        Assert.StartsWith($"{session.Space} (Common, oregon)\n├─ internet\n├─ public router (from everywhere)\n", tree,
            StringComparison.Ordinal);
        Assert.Matches(@"(?m)^└─ app shop \(v1, 2/2 up, shop\.verbs-\d+", tree);
        Assert.Matches(@"(?m)^   ├─ web \(1 x Standard-1X\)$", tree);
        Assert.Matches(@"(?m)^   │  └─ web\.1 \(Up, 172\.\S+, dev-node-1\)$", tree);

        var json = JsonNode.Parse(await session.RunAsync("topology --format json"))!;
        Assert.Equal(
            ["internet", "router", "app"], json["nodes"]!.AsArray().Select(node => (string)node!["kind"]!));

        var mermaid = await session.RunAsync("topology --format mermaid");
        Assert.Contains("  router_public -->|\"$PORT\"| process_shop__web\n", mermaid, StringComparison.Ordinal);

        var svg = XDocument.Parse(await session.RunAsync("topology --format svg"));
        Assert.Equal("svg", svg.Root!.Name.LocalName);
        Assert.Contains(svg.Descendants(), element => element.Value == "shop web");
    }

    [Fact]
    public void What_only_the_Space_says_is_left_out_without_it()
    {
        var app = new App
        {
            Metadata = new() { Name = "shop" },
            Spec = new() { Processes = [new() { Type = "web", Quantity = 1, Size = "Private-S" }] },
        };

        var topology = Topology.FromSpace("acme-prod", null, [app], []);

        Assert.Equal("", topology.Nodes.Single(node => node.Kind == Topology.Router).Detail);
    }

    [Fact]
    public async Task A_space_that_there_is_not_is_said()
    {
        using var session = await platform.StartAsync();

        Assert.Contains("no space \"nowhere\"", await session.FailAsync("topology nowhere"), StringComparison.Ordinal);
    }
}
