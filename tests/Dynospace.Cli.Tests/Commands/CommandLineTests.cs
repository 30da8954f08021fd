using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Dynospace.Cli.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly TestEnvironment _environment = new();

    public void Dispose() => _environment.Dispose();

    [Theory]
    [InlineData("dev", "--port", "65536")]
    [InlineData("dev", "--port", "many")]
    [InlineData("dev", "--timeout", "soon")]
    [InlineData("dev", "--timeout", "0s")]
    [InlineData("dev", "--verbosity", "loud")]
    [InlineData("dev", "--nonsense")]
    [InlineData("completion", "csh")]
    public async Task Wrong_arguments_are_named_on_standard_error(params string[] args)
    {
        Assert.Equal(1, await _environment.RunAsync(args));
        Assert.Contains(args[^1], _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_one_line_on_standard_error() =>
        await RefusesAsync(["dev", "--apply", "nowhere"], "nowhere does not exist");

    [Fact]
    public async Task Samples_that_are_not_there_are_one_line_with_a_remedy() =>
        await RefusesAsync(["dev"], "--apply DIR");

    [Fact]
    public async Task Broken_YAML_is_one_line_with_file_and_line()
    {
        _environment.Write("apps/bad.yaml", "kind: App\n  name: x\n");
        await RefusesAsync(["dev", "--apply", "apps"], Path.Combine("apps", "bad.yaml") + ": line 2");
    }

    [Fact]
    public async Task A_kind_that_nobody_defines_is_one_line()
    {
        _environment.Write("a.yaml", "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}}");
        await RefusesAsync(["dev", "--apply", "a.yaml"], "a.yaml: Widget w: example.com/v1 has no such kind");
    }

    [Fact]
    public async Task A_kubeconfig_that_cannot_be_written_is_one_line()
    {
        var file = _environment.Write("file", "");
        _environment.Write("a.yaml", "");
        _environment.Write("apps/a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        await RefusesAsync(["dev", "--apply", "apps", "--kubeconfig", Path.Combine(file, "config")], "--kubeconfig FILE");
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_one_line()
    {
        var file = _environment.Write("file", "");
        _environment.Write("apps/a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        await RefusesAsync(["dev", "--apply", "apps", "--log-file", Path.Combine(file, "log")], "--log-file FILE");
    }

    [Fact]
    public async Task A_taken_port_is_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        _environment.Write("apps/a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        await RefusesAsync(["dev", "--apply", "apps", "--port", $"{port}"], $"port {port} of 127.0.0.1 is taken");
    }

    [Theory]
    [InlineData("--help", "completion")]
    [InlineData("dev --help", "dynospace dev --once")]
    [InlineData("dev --help", "simulated")]
    [InlineData("crds --help", "kubectl apply")]
    [InlineData("--version", ".")]
    [InlineData("completion bash", "[suggest:")]
    public async Task Help_says_what_people_look_for(string line, string part)
    {
        Assert.Equal(0, await _environment.RunAsync(line.Split(' ')));
        Assert.Contains(part, _environment.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_option_is_suggested_to_the_shell()
    {
        Assert.Equal(0, await _environment.RunAsync("[suggest:14]", "dynospace dev --"));
        Assert.Contains("--kubeconfig", _environment.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Crds_are_printed_and_written_alike()
    {
        Assert.Equal(0, await _environment.RunAsync("crds"));
        Assert.Equal(0, await _environment.RunAsync("crds", "--output", "out"));
        var written = Directory.GetFiles(Path.Combine(_environment.Folder, "out"), "dynospace.dev_*.yaml");
        Assert.Equal(3, written.Length);
        Assert.All(written, file => Assert.Contains(File.ReadAllText(file), _environment.Out.ToString(), StringComparison.Ordinal));
    }

    private async Task RefusesAsync(string[] args, string part)
    {
        Assert.Equal(1, await _environment.RunAsync(args));
        var said = _environment.Error.ToString().TrimEnd();
        Assert.StartsWith("dynospace: ", said, StringComparison.Ordinal);
        Assert.Contains(part, said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
    }
}
