using Xunit;

namespace Dynospace.Cli.Tests.Verbs;

/// <summary>One-offs on the dev cluster, where a container writes a line and ends as its image says.</summary>
public sealed class RunVerbTests(LivePlatform platform)
{
    [Theory]
    [InlineData("registry.example/shop:1", 0)]
    [InlineData("simulate/exit:3", 3)]
    public async Task Output_and_exit_code_are_passed_on_and_the_run_is_removed(string image, int code)
    {
        using var session = await platform.StartAsync();
        await session.ApplyAppAsync("job", ", release: null", image: image);
        await session.AppAsync("job", app => app.Status?.Release == 1);

        var (result, output, error) = await session.TryAsync(
            "run", "-a", "job", "-e", "A=b", "--", "bin/console", "--flag");

        Assert.Equal(code, result);
        Assert.Matches(@"^the node is simulated, so verbs-\d+/job--run-\d{4}-\w+ runs no process", output);
        Assert.Single(output.TrimEnd('\n').Split('\n'));
        Assert.Matches(@"running bin/console --flag as run\.\d{4}", error);
        await platform.UntilAsync(state => state.Dynos.Any(
            dyno => dyno.Metadata.NamespaceProperty == session.Space && dyno.Spec.ProcessType == "run")
                ? null : state);
    }

    [Fact]
    public async Task A_detached_run_stays_with_its_log()
    {
        using var session = await platform.StartAsync();

        var name = (await session.RunAsync("run -a shop --detach --size Basic -- bin/report")).TrimEnd('\n');

        Assert.Matches(@"^run\.\d{4}$", name);
        var dyno = await platform.UntilAsync(state => state.Dynos.FirstOrDefault(
            found => found.Metadata.NamespaceProperty == session.Space && found.Spec.ProcessType == "run"
                && found.Status?.State == Api.Dynos.DynoState.Complete));
        Assert.Equal("Basic", dyno.Spec.Size);
        Assert.Equal(["bin/report"], dyno.Spec.Command!);
        Assert.Contains($"app[{name}]:", await session.RunAsync($"logs -a shop -d {name}"), StringComparison.Ordinal);
        Assert.Contains(name, await session.RunAsync("ps -a shop"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_that_cannot_be_passed_on_is_said_and_the_output_follows()
    {
        using var session = await platform.StartAsync();
        await session.ApplyAppAsync("job", image: "simulate/keeps-running");
        await session.AppAsync("job", app => app.Status?.Release == 1);
        var environment = session.Environment.Cli with
        {
            IsInputTerminal = false,
            In = () => new MemoryStream("hello"u8.ToArray()),
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = DynospaceCommandLine.RunAsync(
            ["run", "-a", "job", "--kubeconfig", platform.Kubeconfig, "-s", session.Space, "--", "cat"],
            environment,
            stop.Token);
        var dyno = await platform.UntilAsync(state => state.Dynos.FirstOrDefault(
            found => found.Metadata.NamespaceProperty == session.Space && found.Spec.ProcessType == "run"
                && found.Status?.State == Api.Dynos.DynoState.Up));
        Assert.True(dyno.Spec.Stdin);

        await stop.CancelAsync();

        Assert.Equal(130, await running);
        await platform.UntilAsync(state => state.Dynos.Contains(dyno) ? null : state);
    }

    [Theory]
    [InlineData("run -a shop", "run what? Give a command behind --")]
    [InlineData("run -a shop -p clock", "no process type \"clock\"; there are: web, worker")]
    [InlineData("run -a shop -e A -- x", "--env 'A' has no value")]
    [InlineData("run -a shop --size Huge -- x", "no size \"Huge\"; there are: ")]
    public async Task What_cannot_be_run_is_said(string line, string message)
    {
        using var session = await platform.StartAsync();

        // The words behind -- are the command's own.
        var words = line.Split(" -- ");
        var (code, _, error) = await session.TryAsync(
            [.. words[0].Split(' ')], words.Length > 1 ? words[1].Split(' ') : []);

        Assert.Equal(1, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
