using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Pods;
using DevCluster.Network.Kernel;
using DevCluster.Schema.Json;

namespace DevCluster.Network.Pods;

/// <summary>
/// Probes a container from its node, as the kubelet does: startup first, then readiness and liveness.
/// </summary>
internal sealed class Prober(
    ContainerProcess container, Netns node, IPAddress? address, Action changed, TimeProvider clock)
{
    /// <summary>
    /// Probes that have not succeeded run more often than in a kubelet, so that success shows at once.
    /// </summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var spec = container.Start.Spec;
        if (spec.Map("startupProbe") is { } startup && !await StartedAsync(startup, cancellationToken))
        {
            container.Stop(isKilled: true);
            return;
        }

        await Task.WhenAll(
            ReadyAsync(spec.Map("readinessProbe"), cancellationToken),
            AliveAsync(spec.Map("livenessProbe"), cancellationToken));
    }

    private async Task<bool> StartedAsync(JsonObject probe, CancellationToken cancellationToken)
    {
        var period = Period(probe);
        var deadline = clock.GetTimestamp();
        var patience = Delay(probe) + (period * (probe.Number("failureThreshold") ?? 3));
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await PassesAsync(probe, cancellationToken))
            {
                return true;
            }

            if (clock.GetElapsedTime(deadline) > patience)
            {
                return false;
            }

            await PauseAsync(Soon, cancellationToken);
        }

        return true;
    }

    private async Task ReadyAsync(JsonObject? probe, CancellationToken cancellationToken)
    {
        if (probe is null)
        {
            Tell(isReady: true);
            return;
        }

        await PauseAsync(Delay(probe), cancellationToken);
        var failures = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            failures = await PassesAsync(probe, cancellationToken) ? 0 : failures + 1;
            if (failures == 0)
            {
                Tell(isReady: true);
            }
            else if (failures >= (probe.Number("failureThreshold") ?? 3))
            {
                Tell(isReady: false);
            }

            await PauseAsync(container.IsReady ? Period(probe) : Soon, cancellationToken);
        }
    }

    private async Task AliveAsync(JsonObject? probe, CancellationToken cancellationToken)
    {
        if (probe is null)
        {
            return;
        }

        await PauseAsync(Delay(probe), cancellationToken);
        var failures = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            await PauseAsync(Period(probe), cancellationToken);
            failures = await PassesAsync(probe, cancellationToken) ? 0 : failures + 1;
            if (failures >= (probe.Number("failureThreshold") ?? 3))
            {
                container.Stop(isKilled: true);
                return;
            }
        }
    }

    private void Tell(bool isReady)
    {
        if (container.IsReady != isReady)
        {
            container.IsReady = isReady;
            changed();
        }
    }

    private async Task<bool> PassesAsync(JsonObject probe, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(probe.Number("timeoutSeconds") ?? 1));
        try
        {
            if (probe.Map("exec") is { } exec)
            {
                return await RunsAsync(exec.Texts("command"), patience.Token);
            }

            return probe.Map("httpGet") is { } get
                ? await AnswersAsync(get, patience.Token)
                : await OpensAsync(probe.Map("tcpSocket") ?? probe.Map("grpc"), patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or HttpRequestException
            or IOException or PodConnectionException)
        {
            return false;
        }
    }

    private async Task<bool> OpensAsync(JsonObject? target, CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(PortOf(target), cancellationToken);
        return true;
    }

    private async Task<bool> AnswersAsync(JsonObject get, CancellationToken cancellationToken)
    {
        var port = PortOf(get);
#pragma warning disable CA5359 // Like the kubelet, probes do not verify certificates.
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            ConnectCallback = async (_, token) =>
                new NetworkStream(await ConnectAsync(port, token), ownsSocket: true),
        });
#pragma warning restore CA5359
        var scheme = get.Text("scheme") == "HTTPS" ? "https" : "http";
        using var answer = await client.GetAsync(
            new Uri(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{address}:{port}{get.Text("path")}")),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken);
        return (int)answer.StatusCode is >= 200 and < 400;
    }

    private async Task<bool> RunsAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var words = container.Enter(command);
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(cancellationToken),
                process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var target = address ?? IPAddress.Loopback;
        var socket = node.Run(
            () => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(new IPEndPoint(target, port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private int PortOf(JsonObject? target) => (int)(target.Number("port")
        ?? container.Start.Spec.Items("ports").FirstOrDefault(port => port.Text("name") == target.Text("port"))
            .Number("containerPort")
        ?? 0);

    private static TimeSpan Period(JsonObject probe) => TimeSpan.FromSeconds(probe.Number("periodSeconds") ?? 10);

    private static TimeSpan Delay(JsonObject probe) => TimeSpan.FromSeconds(probe.Number("initialDelaySeconds") ?? 0);

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
