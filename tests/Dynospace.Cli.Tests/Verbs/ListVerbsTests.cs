using System.Text.Json.Nodes;
using Xunit;

namespace Dynospace.Cli.Tests.Verbs;

/// <summary>What there is, and what is said where it is not there.</summary>
public sealed class ListVerbsTests(LivePlatform platform)
{
    [Fact]
    public async Task Dynos_are_listed_with_all_that_is_known_of_them()
    {
        using var session = await platform.StartAsync();

        var lines = Lines(await session.RunAsync("ps -a shop"));

        Assert.Matches(
            @"^NAME\s+STATE\s+SINCE\s+RELEASE\s+SIZE\s+ADDRESS\s+NODE\s+RESTARTS\s+LAST EXIT\s+REASON$", lines[0]);
        Assert.Matches(@"^web\.1\s+Up\s+\d+s\s+v1\s+Standard-1X\s+172\.\S+\s+dev-node-1\s+0\s+-\s+Up$", lines[1]);
        Assert.StartsWith("worker.1", lines[2], StringComparison.Ordinal);
        Assert.Contains("shop.worker.1", await session.RunAsync("ps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_shows_its_exit_code_and_time()
    {
        using var session = await platform.StartAsync();
        await session.ApplyAppAsync("broken", image: "simulate/exit:3");
        await session.DynoAsync("broken.worker.1", dyno => dyno.Status?.ExitCode == 3);

        Assert.Matches(
            @"(?m)^worker\.1\s+(Crashed|Starting|Up)\s+\d+s.*\s3, \d+s ago\s+\w+$",
            await session.RunAsync("ps -a broken"));
    }

    [Fact]
    public async Task Lists_can_be_had_as_JSON_and_YAML()
    {
        using var session = await platform.StartAsync();

        var list = JsonNode.Parse(await session.RunAsync("ps -a shop -o json"))!;

        Assert.Equal(["Dyno", "Dyno"], list["items"]!.AsArray().Select(item => (string)item!["kind"]!));
        Assert.Null(list["items"]![0]!["metadata"]!["managedFields"]);
        Assert.NotNull((string?)list["items"]![0]!["status"]!["since"]);
        Assert.Contains("kind: App", await session.RunAsync("apps -o yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apps_and_spaces_are_listed()
    {
        using var session = await platform.StartAsync();

        Assert.Matches(@"(?m)^shop\s+web=1 worker=1\s+2/2\s+v1\s+shop\.verbs-", await session.RunAsync("apps"));
        Assert.Contains(session.Space, await session.RunAsync("spaces"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_name_is_answered_with_those_that_there_are()
    {
        using var session = await platform.StartAsync();
        await session.ApplyAppAsync("blog");

        Assert.Equal(
            $"dynospace: no app \"shpo\" in space {session.Space}; there are: shop, blog\n",
            await session.FailAsync("ps -a shpo"));
        Assert.Equal(
            "dynospace: app shop has no process type \"wrker\"; there are: worker, web\n",
            await session.FailAsync("scale -a shop wrker=2"));
        Assert.Equal(
            "dynospace: app shop has no release \"v9\"; there is: v1\n",
            await session.FailAsync("rollback -a shop v9"));
        Assert.Equal(
            "dynospace: app shop has no dyno \"web.9\"; there are: web.1, worker.1\n",
            await session.FailAsync("restart -a shop -d web.9"));
        Assert.Contains(
            $"which app? Give -a APP, or set DYNOSPACE_APP. Space {session.Space}: blog, shop.",
            await session.FailAsync("scale"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_space_is_answered_with_those_that_there_are()
    {
        using var session = await platform.StartAsync();

        await session.Environment.RunAsync("apps", "--kubeconfig", platform.Kubeconfig, "-s", "nowhere");

        Assert.Matches("no space \"nowhere\"; there (is|are): verbs-", session.Error);
    }

    [Fact]
    public async Task App_and_space_have_defaults()
    {
        using var session = await platform.StartAsync();
        var environment = session.Environment.Cli with
        {
            Variable = name => name == "DYNOSPACE_APP" ? "shop" : null,
        };
        var kubeconfig = session.Environment.Write(
            "kubeconfig",
            (await File.ReadAllTextAsync(platform.Kubeconfig, TestContext.Current.CancellationToken))
                .Replace("  context:", $"  context:\n    namespace: {session.Space}", StringComparison.Ordinal));

        Assert.Equal(0, await DynospaceCommandLine.RunAsync(
            ["ps", "--kubeconfig", kubeconfig], environment, TestContext.Current.CancellationToken));

        Assert.Contains("web.1", session.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ps", "-a ", "shop")]
    [InlineData("scale", "-a shop ", "worker=")]
    [InlineData("rollback", "-a shop ", "v1")]
    [InlineData("restart", "-a shop -d ", "web.1")]
    [InlineData("config unset", "-a shop ", "LOG_LEVEL")]
    [InlineData("maintenance", "", "off")]
    public async Task A_shell_completes_live_names(string verb, string typed, string name)
    {
        using var session = await platform.StartAsync();
        var line = $"dynospace {verb} --kubeconfig {platform.Kubeconfig} -s {session.Space} {typed}";

        Assert.Equal(0, await session.Environment.RunAsync($"[suggest:{line.Length}]", line));

        Assert.Contains(name, Lines(session.Out));
    }

    [Fact]
    public async Task Sizes_are_listed_without_a_cluster()
    {
        using var environment = new TestEnvironment();

        Assert.Equal(0, await environment.RunAsync("sizes"));

        Assert.Matches(
            @"(?m)^Private-L-RAM\s+30Gi\s+30Gi\s+2\s+-\s+24576\s+Private, Shield$", environment.Out.ToString());
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
