using System.Net;
using System.Net.Sockets;
using Dynospace.Cli.Terminal;
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
        await RefusesAsync(
            ["dev", "--apply", "apps", "--kubeconfig", Path.Combine(file, "config")], "--kubeconfig FILE");
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

    [Fact]
    public async Task A_taken_router_port_is_one_line_before_anything_starts()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        _environment.Write("apps/a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        await RefusesAsync(
            ["dev", "--apply", "apps", "--port", "0", "--router-port", $"{port}"],
            $"port {port} of 127.0.0.1, for routers, is taken");
        Assert.Equal("", _environment.Out.ToString());
    }

    [Theory]
    [InlineData("18080", "18080", "are the same port")]
    [InlineData("18081", "18080", "HTTPS on 18081")]
    [InlineData("0", "65535", "use 1 to 65534")]
    [InlineData("0", "70000", "'70000' is not a valid port: use 0 to 65535")]
    public async Task A_router_port_that_cannot_be_is_one_line(string port, string routerPort, string part)
    {
        _environment.Write("apps/a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        await RefusesAsync(["dev", "--apply", "apps", "--port", port, "--router-port", routerPort], part);
    }

    [Theory]
    [InlineData("rendr", "unknown command 'rendr': did you mean render?")]
    [InlineData("frobnicate", "unknown command 'frobnicate': see dynospace --help.")]
    [InlineData("dev --prot 1", "unknown option '--prot': did you mean --port?")]
    [InlineData("dev extra", "'extra' is one word too many: see dynospace dev --help.")]
    [InlineData(
        "dev --verbosity loud",
        "--verbosity 'loud' is not known: use trace, debug, information, warning, error or none.")]
    [InlineData("render -o xml -f a", "--output 'xml' is not known: use yaml, json or name.")]
    [InlineData("reach a b -o xml", "--output 'xml' is not known: use text or json.")]
    [InlineData("render", "option '--filename' is required: see dynospace render --help.")]
    [InlineData("help rendr", "unknown command 'rendr': did you mean render?")]
    public async Task A_mistake_is_one_line_without_names_of_types(string line, string message)
    {
        await RefusesAsync(line.Split(' '), message);
        Assert.DoesNotContain("Dynospace.", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _environment.Out.ToString());
    }

    [Theory]
    [InlineData("a: b: c")]
    [InlineData("")]
    [InlineData("hello")]
    public async Task A_kubeconfig_that_cannot_be_used_is_one_line(string text)
    {
        _environment.Write("config", text);
        await RefusesAsync(["reach", "--kubeconfig", "config", "a", "b"], "the kubeconfig cannot be used: ");
        Assert.DoesNotContain("defect", _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_that_cannot_be_written_is_one_line()
    {
        var full = _environment.Cli with { Out = new OutputWriter(new FullWriter(), isUnicode: true) };

        Assert.Equal(1, await DynospaceCommandLine.RunAsync(["crds"], full, TestContext.Current.CancellationToken));
        Assert.Equal(
            "dynospace: standard output cannot be written: No space left on device.\n", _environment.Error.ToString());
    }

    [Theory]
    [InlineData(null, null, null, false)]
    [InlineData(null, null, "C", false)]
    [InlineData(null, null, "de_DE.UTF-8", true)]
    [InlineData(null, "C.utf8", "C", true)]
    [InlineData("POSIX", null, "en_US.UTF-8", false)]
    public void The_locale_says_whether_output_may_hold_more_than_ASCII(
        string? all, string? type, string? lang, bool isUtf8) =>
        Assert.Equal(
            isUtf8, CliEnvironment.IsUtf8(name => name switch { "LC_ALL" => all, "LC_CTYPE" => type, _ => lang }));

    [Fact]
    public void Without_UTF8_output_is_ASCII()
    {
        using var text = new StringWriter();
        using var output = new OutputWriter(text, isUnicode: false);

        output.Write("a → b … ✓ ü");
        output.Write('○');

        Assert.Equal("a -> b ... + ?-", text.ToString());
    }

    [Fact]
    public async Task Without_a_command_there_is_help()
    {
        Assert.Equal(0, await _environment.RunAsync());
        Assert.Contains("render", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _environment.Error.ToString());
    }

    [Theory]
    [InlineData("help", "completion")]
    [InlineData("help dev", "dynospace dev --once")]
    [InlineData("version", "0.1.0")]
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
        Assert.Equal(5, written.Length);
        Assert.All(
            written,
            file => Assert.Contains(File.ReadAllText(file), _environment.Out.ToString(), StringComparison.Ordinal));
    }

    private sealed class FullWriter : StringWriter
    {
        public override void Write(string? value) => throw new IOException("No space left on device");
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
