using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynospace.Operator;
using Microsoft.Diagnostics.NETCore.Client;

namespace Dynospace.Benchmarks.Processes;

/// <summary>The operator as its program runs it, in a process of its own that holds nothing else.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    /// <summary>A session with this keyword begins with a full collection.</summary>
    private const long CollectHeap = 0x800000;

    private readonly ChildProcess _child;
    private readonly HttpClient _http;

    private OperatorProcess(ChildProcess child, int port) =>
        (_child, _http) = (child, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") });

    /// <summary>Starts one; its controllers run when it returns.</summary>
    /// <param name="hasNodes">Whether something runs routers; without, no Space would become ready that waits for
    /// one.</param>
    public static async Task<OperatorProcess> StartAsync(
        string kubeconfig, bool hasNodes, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var child = ChildProcess.StartAssembly(typeof(OperatorHost).Assembly,
        [
            "--kubeconfig", kubeconfig,
            "--leaderElection", "false",
            "--requireRegion", "false",
            "--routerProvider", hasNodes ? "Builtin" : "None",
            "--healthPort", port.ToString(CultureInfo.InvariantCulture),
        ]);
        await child.LineAsync("controllers start", cancellationToken);
        return new OperatorProcess(child, port);
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
