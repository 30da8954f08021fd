using System.Collections.Concurrent;
using System.Globalization;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Forwards pod ports over SPDY: for each connection the client opens a data stream and an error stream with the same
/// request ID.
/// </summary>
internal sealed class SpdyPortForward(PortRelay relay, SpdyConnection connection)
{
    private readonly Dictionary<string, SpdyStream> _waiting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>Forwards until the client disconnects.</summary>
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
            // The server shuts down.
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
            if (ushort.TryParse(
                data.Headers.GetValueOrDefault("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            {
                await relay.RunAsync(port, data.Input, data, errors, cancellationToken);
            }
            else
            {
                await errors.WriteAsync("the header port is not a port"u8.ToArray(), cancellationToken);
            }

            await data.EndAsync(cancellationToken);
            await errors.EndAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client disconnected.
        }
    }

    private static string TypeOf(SpdyStream stream) => stream.Headers.GetValueOrDefault("streamtype", "");
}
