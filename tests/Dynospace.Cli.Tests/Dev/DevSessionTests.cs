using Dynospace.Api;
using Dynospace.Cli.Dev;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Dynospace.Cli.Tests.Dev;

public sealed class DevSessionTests : IDisposable
{
    private const string Space = """
        apiVersion: dynospace.dev/v1alpha1
        kind: Space
        metadata: {name: acme}
        spec: {runtime: Common, region: oregon}
        ---

        """;

    private readonly TestEnvironment _environment = new();

    public void Dispose() => _environment.Dispose();

    [Fact]
    public async Task Once_waits_for_the_namespace_that_a_Space_makes_and_ends_well_when_all_is_ready()
    {
        _environment.Write("m/a.yaml", Space + App("shop", "processes: [{type: web, quantity: 2}]"));
        Assert.Equal(
            0, await _environment.RunAsync("dev", "--once", "--port", "0", "--router-port", "0", "--apply", "m"));
        var output = _environment.Out.ToString();
        Assert.Contains("simulated", output, StringComparison.Ordinal);
        Assert.Contains("export KUBECONFIG=", output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^\s+\S web\.2\s+Up\s+172\.16\.", output);
        Assert.Empty(_environment.Error.ToString());
    }

    [Fact]
    public async Task Once_ends_badly_and_names_what_is_not_ready()
    {
        _environment.Write("m/a.yaml", Space + App("shop", "processes: [{type: web}]"));
        var clock = new SkippingClock();
        var session = Session(new IdleOperator(clock), once: true, clock);
        var exception =
            await Assert.ThrowsAsync<CliException>(() => session.RunAsync(TestContext.Current.CancellationToken));
        Assert.Contains("not ready after 3600 s", exception.Message, StringComparison.Ordinal);
        // The session's own watch may be a moment behind the one that let the time pass.
        Assert.Matches("Space acme: not (looked at|there) yet", exception.Message);
        Assert.Matches(
            "App acme/shop: not (looked at|there) yet|App acme/shop is not applied yet|objects are being applied",
            exception.Message);
    }

    [Fact]
    public async Task A_space_of_a_region_that_the_node_is_not_in_is_not_ready_and_says_so()
    {
        _environment.Write("m/a.yaml", Space.Replace("oregon", "atlantis", StringComparison.Ordinal));
        var clock = new SkippingClock();
        var session = Session(new RealOperator(clock), once: true, clock);
        var exception =
            await Assert.ThrowsAsync<CliException>(() => session.RunAsync(TestContext.Current.CancellationToken));
        Assert.Contains(
            "spec.region atlantis: no node has the label topology.kubernetes.io/region=atlantis",
            exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_node_is_in_the_region_that_is_asked_for()
    {
        _environment.Write(
            "m/a.yaml",
            Space.Replace("oregon", "atlantis", StringComparison.Ordinal) + App("shop", "processes: [{type: web}]"));
        Assert.Equal(
            0,
            await _environment.RunAsync(
                "dev", "--once", "--port", "0", "--router-port", "0", "--region", "atlantis", "--apply", "m"));
    }

    [Fact]
    public async Task An_object_that_is_refused_is_one_line_with_file_field_and_remedy()
    {
        _environment.Write("m/a.yaml", Space + App("shop", "processes: [{type: release}]"));
        Assert.Equal(
            1, await _environment.RunAsync("dev", "--once", "--port", "0", "--router-port", "0", "--apply", "m"));
        var said = _environment.Error.ToString().TrimEnd();
        Assert.StartsWith(
            $"dynospace: {Path.Combine("m", "a.yaml")}: App acme/shop is refused: ", said, StringComparison.Ordinal);
        Assert.Contains("choose another name", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Being_stopped_is_a_good_end()
    {
        _environment.Write("m/a.yaml", Space);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Assert.Equal(0, await Session(new StoppingOperator(stop)).RunAsync(stop.Token));
        Assert.Contains("Stopped", _environment.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_that_fails_ends_the_session_with_its_message()
    {
        _environment.Write("m/a.yaml", Space);
        var exception =
            await Assert.ThrowsAsync<CliException>(
                () => Session(new FailingOperator()).RunAsync(TestContext.Current.CancellationToken));
        Assert.Contains("the operator ended: no luck", exception.Message, StringComparison.Ordinal);
    }

    private static string App(string name, string spec) =>
        $"{{apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {{name: {name}, namespace: acme}}, spec: "
        + $"{{image: registry.example/shop:1, {spec}}}}}\n";

    private DevSession Session(IOperatorRunner operatorRunner, bool once = false, TimeProvider? clock = null) => new(
        new DevOptions
        {
            Port = 0,
            RouterPort = 0,
            RouterLogFile = Path.Combine(_environment.Folder, "router.log"),
            Kubeconfig = Path.Combine(_environment.Folder, "kubeconfig"),
            LogFile = Path.Combine(_environment.Folder, "log"),
            Apply = ["m"],
            Plain = true,
            Once = once,
            Timeout = TimeSpan.FromHours(1),
        },
        _environment.Cli with { Clock = clock ?? TimeProvider.System },
        new DevClusterLauncher(TimeProvider.System, "oregon"),
        operatorRunner);

    /// <summary>Makes the namespace and nothing else, then lets two hours pass once the app is there.</summary>
    private sealed class IdleOperator(SkippingClock clock) : IOperatorRunner
    {
        public async Task RunAsync(
            KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken)
        {
            using var kubernetes = new Kubernetes(client);
            await kubernetes.CoreV1.CreateNamespaceAsync(
                new V1Namespace { Metadata = new V1ObjectMeta { Name = "acme" } },
                cancellationToken: cancellationToken);
            var watch = new PlatformWatch(
                new ApiTransport(kubernetes, new ApiTransportOptions(), clock), clock, loggers);
            var watching = watch.RunAsync(cancellationToken);
            while (watch.Current.Apps.Count == 0)
            {
                await watch.WaitForChangeAsync(Timeout.InfiniteTimeSpan, clock, cancellationToken);
            }

            clock.Skip(TimeSpan.FromHours(2));
            await watching;
        }
    }

    /// <summary>The real one; two hours pass once it has said that the Space is not ready for its region.</summary>
    private sealed class RealOperator(SkippingClock clock) : IOperatorRunner
    {
        public async Task RunAsync(
            KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken)
        {
            using var kubernetes = new Kubernetes(client);
            var watch = new PlatformWatch(
                new ApiTransport(kubernetes, new ApiTransportOptions(), TimeProvider.System),
                TimeProvider.System,
                loggers);
            var watching = watch.RunAsync(cancellationToken);
            var running = new OperatorRunner(TimeProvider.System, hasNetwork: false).RunAsync(
                client, loggers, cancellationToken);
            while (!watch.Current.Spaces.Any(space =>
                space.Status?.Conditions?.Any(condition => condition.Reason == Reasons.RegionNotFound.Name) == true))
            {
                await watch.WaitForChangeAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            clock.Skip(TimeSpan.FromHours(2));
            await Task.WhenAll(watching, running);
        }
    }

    private sealed class StoppingOperator(CancellationTokenSource stop) : IOperatorRunner
    {
        public async Task RunAsync(
            KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken)
        {
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private sealed class FailingOperator : IOperatorRunner
    {
        public Task RunAsync(
            KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken) =>
            Task.FromException(new InvalidOperationException("no luck"));
    }
}
