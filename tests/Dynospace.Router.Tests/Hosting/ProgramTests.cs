using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Hosting;

/// <summary>The program as people and the kubelet meet it.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("trustAll: no such option", "--kubeconfig", "{empty}", "--trustAll", "true")]
    [InlineData("httpPort: 'eighty' is not a valid port", "--kubeconfig", "{empty}", "--httpPort", "eighty")]
    [InlineData("public: not an option", "public")]
    [InlineData("httpPort: no value is given", "--space", "acme", "--httpPort")]
    [InlineData("kubeconfig: ", "--kubeconfig", "/no/such/file")]
    public async Task A_mistake_in_its_options_is_one_line_and_exit_code_1(string says, params string[] arguments)
    {
        await using var cluster = await EmptyCluster.StartAsync();
        using var router = RouterProcess.Start(
            [
                .. arguments.Select(
                    argument => argument.Replace("{empty}", cluster.Kubeconfig, StringComparison.Ordinal)),
            ]);

        var (exitCode, output, errors) = await router.EndAsync();

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith(says, OneLine(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("healthPort")]
    [InlineData("httpPort")]
    [InlineData("httpsPort")]
    public async Task A_port_that_is_taken_is_one_line_and_exit_code_1(string option)
    {
        await using var cluster = await EmptyCluster.StartAsync();
        cluster.Open();
        using var ports = new Ports();
        using var listener = ports.Of(option).Listen();
        using var router = RouterProcess.Start([.. ports.Arguments, "--kubeconfig", cluster.Kubeconfig]);

        var (exitCode, _, errors) = await router.EndAsync();

        Assert.Equal(1, exitCode);
        var taken = $":{ports.Of(option).Number}: address already in use";
        // Log lines may come later.
        var line = Assert.Single(errors.Split('\n'), line => line.Contains(taken, StringComparison.Ordinal));
        Assert.EndsWith("give another with --httpPort, --httpsPort or --healthPort.", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_that_is_asked_to_end_does_so_with_exit_code_0()
    {
        await using var cluster = await EmptyCluster.StartAsync();
        using var ports = new Ports();
        using var router = RouterProcess.Start(
            [.. ports.Arguments, "--kubeconfig", cluster.Kubeconfig, "--drainLeadSeconds", "0", "--drainSeconds", "1"]);
        await cluster.Asked.Soon();

        await router.TerminateAsync();

        Assert.Equal(0, (await router.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_router_without_IPv6_listens_on_IPv4()
    {
        await using var cluster = await EmptyCluster.StartAsync();
        cluster.Open();
        using var ports = new Ports();
        using var router = RouterProcess.Start(
            [("DOTNET_SYSTEM_NET_DISABLEIPV6", "1")],
            [.. ports.Arguments, "--kubeconfig", cluster.Kubeconfig, "--drainLeadSeconds", "0", "--drainSeconds", "1"]);

        Assert.True(await AnswersAsync(IPAddress.Loopback, ports.Of("httpPort").Number));
        Assert.False(await ListensAsync(IPAddress.IPv6Loopback, ports.Of("httpPort").Number));

        await router.TerminateAsync();
        Assert.Equal(0, (await router.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_client_that_comes_while_there_is_no_descriptor_is_answered_when_there_is_one()
    {
        // All numbers below are in use: standard input, output and errors, and what the runtime opens first.
        const int NoMore = 5;
        const int Enough = 512;
        await using var cluster = await EmptyCluster.StartAsync();
        cluster.Open();
        using var ports = new Ports();
        using var router = RouterProcess.Start([.. ports.Arguments, "--kubeconfig", cluster.Kubeconfig]);
        var address = new IPEndPoint(IPAddress.Loopback, ports.Of("httpPort").Number);
        await AnswersAsync(address.Address, address.Port);

        await router.LimitDescriptorsAsync(NoMore);
        using var client = await RawClient.ConnectAsync(address);
        await client.SendAsync(TestRouter.Get());
        await router.SaysAsync("A connection could not be accepted");
        await router.LimitDescriptorsAsync(Enough);

        Assert.Equal(404, (await client.ResponseAsync())!.Status);
    }

    private static async Task<bool> AnswersAsync(IPAddress address, int port)
    {
        while (!await ListensAsync(address, port))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }

        return true;
    }

    private static async Task<bool> ListensAsync(IPAddress address, int port)
    {
        using var client = new TcpClient(address.AddressFamily);
        try
        {
            await client.ConnectAsync(address, port, TestContext.Current.CancellationToken).AsTask().Soon();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string OneLine(string errors)
    {
        Assert.EndsWith("\n", errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', errors[..^1]);
        return errors[..^1];
    }

    /// <summary>A port for each listener, which nobody else gets.</summary>
    private sealed class Ports : IDisposable
    {
        private readonly Dictionary<string, ReservedPort> _ports = new()
        {
            ["healthPort"] = new(),
            ["httpPort"] = new(),
            ["httpsPort"] = new(),
        };

        public IEnumerable<string> Arguments =>
            _ports.SelectMany(
                port => new[] { $"--{port.Key}", port.Value.Number.ToString(CultureInfo.InvariantCulture) });

        public ReservedPort Of(string option) => _ports[option];

        public void Dispose()
        {
            foreach (var port in _ports.Values)
            {
                port.Dispose();
            }
        }
    }
}
