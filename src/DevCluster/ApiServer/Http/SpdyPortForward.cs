using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using DevCluster.ApiServer.Pods;
using DevCluster.ApiServer.Storage;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Ports of a pod over SPDY: for each connection the client opens a stream of data and one of errors, which belong
/// together by their number.
/// </summary>
internal sealed class SpdyPortForward(IPodConnections pods, StoredObject pod, SpdyConnection connection)
{
    private const int CopyBytes = 32 * 1024;

    private readonly Dictionary<string, SpdyStream> _waiting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>Forwards until the client leaves.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receiving = connection.ReceiveAsync(stop.Token);
        try
        {
            await foreach (var stream in connection.Opened.ReadAllAsync(stop.Token))
            {
                Take(stream, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }

        await stop.CancelAsync();
        await receiving;
        await Task.WhenAll(_running.Keys);
    }

    private void Take(SpdyStream stream, CancellationToken cancellationToken)
    {
        var number = stream.Headers.GetValueOrDefault("requestid", "");
        if (!_waiting.Remove(number, out var other))
        {
            _waiting[number] = stream;
            return;
        }

        var (data, errors) = TypeOf(stream) == "data" ? (stream, other) : (other, stream);
        var running = ForwardAsync(data, errors, cancellationToken);
        _running[running] = true;
        _ = running.ContinueWith(
            ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    private async Task ForwardAsync(SpdyStream data, SpdyStream errors, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                if (!ushort.TryParse(
                    data.Headers.GetValueOrDefault("port"), NumberStyles.None, CultureInfo.InvariantCulture,
                    out var port))
                {
                    throw new IOException("the header port is not a port");
                }

                await using var target = await pods.ConnectAsync(pod, port, cancellationToken);
                await PortRelay.RunAsync(data.Input, data, target, CopyBytes, cancellationToken);
            }
            catch (Exception e) when (e is IOException or PodConnectionException)
            {
                await errors.WriteAsync(Encoding.UTF8.GetBytes(e.Message), cancellationToken);
            }

            await data.EndAsync(cancellationToken);
            await errors.EndAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client left.
        }
    }

    private static string TypeOf(SpdyStream stream) => stream.Headers.GetValueOrDefault("streamtype", "");
}

/// <summary>Copies between a client and a port of a pod.</summary>
internal static class PortRelay
{
    /// <summary>Ends when the pod has said all. What the client does not say any more, the pod is told.</summary>
    public static async Task RunAsync(
        Stream input, Stream output, Stream target, int bytes, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(input, target, bytes, ended.Token);
        await target.CopyToAsync(output, bytes, ended.Token);
        await ended.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task SendAsync(Stream input, Stream target, int bytes, CancellationToken cancellationToken)
    {
        await input.CopyToAsync(target, bytes, cancellationToken);
        if (target is IHalfClosable half)
        {
            half.EndOutput();
        }
    }
}
