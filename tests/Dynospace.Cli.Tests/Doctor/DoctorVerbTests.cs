using System.Text.Json.Nodes;
using Dynospace.Api.Nodes;
using Dynospace.Cli.Tests.Verbs;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using Xunit;

namespace Dynospace.Cli.Tests.Doctor;

/// <summary>The verb on a dev cluster, whose agent the test stands in for.</summary>
public sealed class DoctorVerbTests(LivePlatform platform)
{
    private static readonly ResourceKind Networks = ResourceKind.For<NodeNetwork>(isNamespaced: false);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_agent_measured_is_judged_and_a_failure_gives_exit_code_1()
    {
        using var session = await platform.StartAsync();
        await WriteAsync("doctor-1", new NodeNetworkStatus
        {
            Parts = "Egress",
            Kernel = new NodeKernel
            {
                Release = "6.18.5",
                Nftables = "0.9.8",
                VxlanGroupPolicy = true,
                Links = [new() { Name = "eth0", Mtu = 1500 }],
                ForeignChains = [new() { Table = "ip filter", Name = "FORWARD", Hook = "forward", Policy = "drop" }],
            },
        });

        var (code, text, error) = await DoctorAsync(session);

        Assert.True(code == 1, error);
        Assert.Contains("cluster\n", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  ok       API .*every kind is served$", text);
        Assert.Matches(@"(?m)^  warning  operator .*no Deployment has the label", text);
        Assert.Contains("node/doctor-1\n", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  ok       kernel .*Linux 6\.18\.5$", text);
        Assert.Matches(@"(?m)^  FAILED   nftables .*version 0\.9\.8 is too old\n.*do: build the agent's image", text);
        Assert.Matches(@"(?m)^  warning  foreign rules .*forward in ip filter FORWARD$", text);
        Assert.Contains($"space/{session.Space}\n", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^\d+ checks: [1-9]\d* failed, [1-9]\d* warned, \d+ unknown\.$", text);

        var problems = (await DoctorAsync(session, "--problems")).Text;
        Assert.DoesNotContain("  ok  ", problems, StringComparison.Ordinal);
        Assert.Contains("version 0.9.8 is too old", problems, StringComparison.Ordinal);

        var (jsonCode, json, _) = await DoctorAsync(session, "-o", "json");
        Assert.Equal(1, jsonCode);
        var check = JsonNode.Parse(json)!["checks"]!.AsArray()
            .Single(check => (string)check!["subject"]! == "node/doctor-1" && (string)check["check"]! == "nftables")!;
        Assert.Equal("Failed", (string)check["result"]!);
        Assert.True((int)JsonNode.Parse(json)!["failed"]! > 0);
        Assert.Contains("subject: node/doctor-1", (await DoctorAsync(session, "-o", "yaml")).Text,
            StringComparison.Ordinal);
    }

    private async Task WriteAsync(string node, NodeNetworkStatus status)
    {
        var key = ObjectKey.ClusterScoped(node);
        await platform.Transport.CreateAsync(
            Networks, JsonObjects.From(new NodeNetwork { Metadata = new() { Name = node } }), new WriteQuery(), Token);
        await platform.Transport.PatchAsync(
            Networks, key, PatchFormat.Merge, new JsonObject { ["status"] = JsonObjects.From(status) },
            new WriteQuery { FieldManager = "agent", Subresource = "status" }, Token);
    }

    private async Task<(int Code, string Text, string Error)> DoctorAsync(VerbSession session, params string[] options)
    {
        var environment = session.Environment;
        environment.Out.GetStringBuilder().Clear();
        environment.Error.GetStringBuilder().Clear();
        var code = await environment.RunAsync(["doctor", .. options, "--kubeconfig", platform.Kubeconfig]);
        return (code, environment.Out.ToString(), environment.Error.ToString());
    }
}
