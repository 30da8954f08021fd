using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynospace.Benchmarks.Servers;
using Dynospace.Operator;
using Microsoft.Diagnostics.NETCore.Client;

namespace Dynospace.Benchmarks.Processes;

/// <summary>The operator as its program runs it, in a process of its own that holds nothing else.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    /// <summary>A session with this keyword begins with a full collection.</summary>
    private const long CollectHeap = 0x800000;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestUnrest = TimeSpan.FromMinutes(5);

    private readonly ChildProcess _child;
    private readonly HttpClient _http;

    private OperatorProcess(ChildProcess child, int port) =>
        (_child, _http) = (child, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") });

    /// <summary>Starts one; its controllers run when it returns.</summary>
    public static async Task<OperatorProcess> StartAsync(IBenchmarkServer server, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var child = ChildProcess.StartAssembly(typeof(OperatorHost).Assembly,
        [
            "--kubeconfig", server.KubeconfigFile,
            "--leaderElection", "false",
            "--requireRegion", "false",
            // Without them no Space would become ready that waits for a router.
            "--routerProvider", server.RunsPods && server.HasControllers ? "Builtin" : "None",
            "--routerServiceType", "ClusterIP",
            "--enforcementInterval", "never", // no packet flows between simulated pods
            "--healthPort", port.ToString(CultureInfo.InvariantCulture),
        ]);
        await child.LineAsync("controllers start", cancellationToken);
        return new OperatorProcess(child, port);
    }

    /// <summary>Waits until a number of the operator's metrics has stood still for a while.</summary>
    /// <exception cref="TimeoutException">It has not within <see cref="LongestUnrest"/>.</exception>
    public async Task UntilQuietAsync(Func<MetricsPage, int> number, string name, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        for (var (before, now) = (-1, 0); before != now;)
        {
            if (Stopwatch.GetElapsedTime(start) > LongestUnrest)
            {
                throw new TimeoutException(
                    $"After {LongestUnrest.TotalMinutes:0} minutes the operator is not quiet: {now} {name}, and more.");
            }

            before = now;
            await Task.Delay(Quiet, cancellationToken);
            now = number(await MetricsAsync(cancellationToken));
        }
    }

    public async Task<MetricsPage> MetricsAsync(CancellationToken cancellationToken) =>
        new(await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken));

    /// <summary>The managed heap after full collections: what is really held.</summary>
    public async Task<double> HeldBytesAsync(CancellationToken cancellationToken)
    {
        var least = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            least = Math.Min(least, await CollectAsync(cancellationToken));
        }

        return least;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _child.DisposeAsync();
    }

    private async Task<double> CollectAsync(CancellationToken cancellationToken)
    {
        var before = await MetricsAsync(cancellationToken);
        using var session = await new DiagnosticsClient(_child.Id).StartEventPipeSessionAsync(
            [new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, CollectHeap)],
            requestRundown: false,
            token: cancellationToken);
        var drained = session.EventStream.CopyToAsync(Stream.Null, cancellationToken);
        var after = before;
        while (after.FullCollections <= before.FullCollections)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            after = await MetricsAsync(cancellationToken);
        }

        await session.StopAsync(cancellationToken);
        await drained;
        return after.ManagedBytes;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
