using System.Buffers.Binary;
using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Pods;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Serves <c>log</c>, <c>exec</c>, <c>attach</c> and <c>portforward</c> for pods that really run, over WebSockets and
/// SPDY/3.1, as kubectl and the client libraries use them.
/// </summary>
internal sealed class PodStreamHandler(IPodConnections pods)
{
    private const byte Input = 0;
    private const byte Output = 1;
    private const byte Error = 2;
    private const byte Outcome = 3;
    private const byte Resize = 4;
    private const string SpdyForwarding = "portforward.k8s.io";
    private const string TunnelledForwarding = $"{SpdyConnection.Protocol}+{SpdyForwarding}";

    /// <summary>The SPDY stream types, indexed by channel number.</summary>
    private static readonly string[] SpdyTypes = ["stdin", "stdout", "stderr", "error", "resize"];

    private static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    public async Task LogAsync(ResourceRequest request, StoredObject pod, CancellationToken cancellationToken)
    {
        var query = request.Query;
        var options = new PodLogOptions(
            Container(request, pod),
            IsTrue(query["follow"]),
            IsTrue(query["previous"]),
            IsTrue(query["timestamps"]),
            Number(query["tailLines"]),
            Number(query["sinceSeconds"]));
        request.Http.Response.ContentType = "text/plain";
        try
        {
            await pods.WriteLogAsync(pod, options, request.Http.Response.Body, cancellationToken);
        }
        catch (PodConnectionException e)
        {
            throw ApiErrors.BadRequest(e.Message);
        }
    }

    public async Task ExecAsync(
        ResourceRequest request, StoredObject pod, bool isAttach, CancellationToken cancellationToken)
    {
        var query = request.Query;
        var options = new PodExecOptions(
            Container(request, pod),
            [.. query["command"].OfType<string>()],
            IsTrue(query["stdin"]),
            IsTrue(query["stdout"]),
            IsTrue(query["stderr"]) && !IsTrue(query["tty"]),
            IsTrue(query["tty"]));
        if (SpdyConnection.IsAskedFor(request.Http.Request))
        {
            await ExecBySpdyAsync(request, pod, options, isAttach, cancellationToken);
            return;
        }

        RequireWebSocket(request);
        using var socket = await ChannelSocket.AcceptAsync(
            request.Http, ChannelSocket.VersionFive, ChannelSocket.VersionFour);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var streams = StreamsOf(options, socket.Incoming, socket.Outgoing, stop.Token);
        var receiving = ReceiveAsync(socket.ReceiveAsync, stop);

        // The kubelet also sends an empty message, so that the client sees that the connection is established. If the
        // client has already disconnected, its input is still delivered.
        await socket.SendAsync(
            options.HasOutput ? Output : options.HasError ? Error : Outcome,
            ReadOnlyMemory<byte>.Empty,
            CancellationToken.None);
        var outcome = await OutcomeAsync(pod, options, streams, isAttach, stop.Token);
        await socket.SendAsync(
            Outcome, JsonSerializer.SerializeToUtf8Bytes(outcome), CancellationToken.None);
        await socket.CloseAsync(CancellationToken.None);
        await stop.CancelAsync();
        await receiving;
    }

    /// <summary>
    /// Forwards ports over SPDY, either directly or inside a WebSocket, or over the client libraries' channel protocol.
    /// </summary>
    public async Task ForwardAsync(ResourceRequest request, StoredObject pod, CancellationToken cancellationToken)
    {
        var relay = new PortRelay(pods, pod);
        if (SpdyConnection.IsAskedFor(request.Http.Request))
        {
            await using var connection = await SpdyConnection.AcceptAsync(request.Http, SpdyForwarding);
            await new SpdyPortForward(relay, connection).RunAsync(cancellationToken);
            return;
        }

        RequireWebSocket(request);
        if (ChannelSocket.Offered(request.Http.Request).Contains(TunnelledForwarding))
        {
            var (socket, _) = await ChannelSocket.AcceptWebSocketAsync(request.Http, TunnelledForwarding);
            await using var tunnel = WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true);
            await using var connection = new SpdyConnection(tunnel);
            await new SpdyPortForward(relay, connection).RunAsync(cancellationToken);
            return;
        }

        await ForwardByChannelsAsync(request, relay, cancellationToken);
    }

    /// <summary>Each port has a data channel and an error channel, and each begins with the port number.</summary>
    private static async Task ForwardByChannelsAsync(
        ResourceRequest request, PortRelay relay, CancellationToken cancellationToken)
    {
        List<int> ports = [.. request.Query["ports"]
            .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            .Select(value => int.Parse(value, CultureInfo.InvariantCulture))];
        if (ports.Count is 0 or > 100)
        {
            throw ApiErrors.BadRequest("query parameter \"ports\": name at least one port");
        }

        using var socket = await ChannelSocket.AcceptAsync(request.Http, ChannelSocket.VersionFour);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var forwarded = ports.Select((port, index) => (port, (byte)(2 * index), socket.Incoming((byte)(2 * index))))
            .ToList();
        var receiving = ReceiveAsync(socket.ReceiveAsync, stop);
        await Task.WhenAll(forwarded.Select(item => ForwardAsync(
            socket, relay, item.port, item.Item2, item.Item3, stop.Token)));
        await socket.CloseAsync(CancellationToken.None);
        await stop.CancelAsync();
        await receiving;
    }

    private static async Task ForwardAsync(
        ChannelSocket socket,
        PortRelay relay,
        int port,
        byte channel,
        Stream input,
        CancellationToken cancellationToken)
    {
        var number = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(number, (ushort)port);
        await socket.SendAsync(channel, number, cancellationToken);
        await socket.SendAsync((byte)(channel + 1), number, cancellationToken);
        try
        {
            await relay.RunAsync(
                port, input, socket.Outgoing(channel), socket.Outgoing((byte)(channel + 1)), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The client disconnected.
        }
    }

    /// <summary>
    /// SPDY uses a stream for each requested channel (stdin, stdout, stderr), one for the result, and one for resize
    /// with a terminal.
    /// </summary>
    private async Task ExecBySpdyAsync(
        ResourceRequest request,
        StoredObject pod,
        PodExecOptions options,
        bool isAttach,
        CancellationToken cancellationToken)
    {
        await using var connection = await SpdyConnection.AcceptAsync(request.Http, ChannelSocket.VersionFour);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receiving = ReceiveAsync(connection.ReceiveAsync, stop);
        try
        {
            var opened = await OpenedAsync(connection, Wanted(options), stop.Token);
            var streams = StreamsOf(options, channel => opened[channel].Input, channel => opened[channel], stop.Token);
            var outcome = await OutcomeAsync(pod, options, streams, isAttach, stop.Token);
            await opened[Outcome].WriteAsync(JsonSerializer.SerializeToUtf8Bytes(outcome), stop.Token);
            foreach (var stream in opened.Values)
            {
                await stream.EndAsync(stop.Token);
            }

            // The client closes the connection after it has read everything.
            await receiving.WaitAsync(Farewell, stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or TimeoutException)
        {
            // The client disconnected, or did not open the announced streams.
        }

        await stop.CancelAsync();
        await receiving;
    }

    /// <summary>The requested streams; the others are empty or discard their data.</summary>
    private static PodStreams StreamsOf(
        PodExecOptions options,
        Func<byte, Stream> incoming,
        Func<byte, Stream> outgoing,
        CancellationToken cancellationToken) =>
        new(
            options.HasInput ? incoming(Input) : Stream.Null,
            options.HasOutput ? outgoing(Output) : Stream.Null,
            options.HasError ? outgoing(Error) : Stream.Null)
        {
            Sizes = options.IsTerminal ? SizesAsync(incoming(Resize), cancellationToken) : null,
        };

    private static HashSet<byte> Wanted(PodExecOptions options)
    {
        HashSet<byte> wanted = [Outcome];
        wanted.UnionWith(options.HasInput ? [Input] : []);
        wanted.UnionWith(options.HasOutput ? [Output] : []);
        wanted.UnionWith(options.HasError ? [Error] : []);
        wanted.UnionWith(options.IsTerminal ? [Resize] : []);
        return wanted;
    }

    /// <summary>The streams of a command by channel, once the client has opened all requested ones.</summary>
    private static async Task<Dictionary<byte, SpdyStream>> OpenedAsync(
        SpdyConnection connection, HashSet<byte> missing, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StreamPatience);
        var opened = new Dictionary<byte, SpdyStream>();
        while (missing.Count > 0)
        {
            var stream = await ReadAsync(connection, patience.Token);
            if (Array.IndexOf(SpdyTypes, stream.Headers.GetValueOrDefault("streamtype")) is >= 0 and var channel)
            {
                opened[(byte)channel] = stream;
                missing.Remove((byte)channel);
            }
        }

        return opened;
    }

    private static async Task<SpdyStream> ReadAsync(SpdyConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.Opened.ReadAsync(cancellationToken);
        }
        catch (System.Threading.Channels.ChannelClosedException e)
        {
            throw new IOException("the client left", e);
        }
    }

    /// <summary>Ends the command when the client disconnects.</summary>
    private static async Task ReceiveAsync(Func<CancellationToken, Task> receive, CancellationTokenSource stop)
    {
        await receive(stop.Token);
        try
        {
            await stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The command has already ended.
        }
    }

    private async Task<JsonObject> OutcomeAsync(
        StoredObject pod,
        PodExecOptions options,
        PodStreams streams,
        bool isAttach,
        CancellationToken cancellationToken)
    {
        try
        {
            if (isAttach)
            {
                await pods.AttachAsync(pod, options, streams, cancellationToken);
                return Succeeded();
            }

            return await pods.ExecAsync(pod, options, streams, cancellationToken) is var code && code == 0
                ? Succeeded()
                : Exited(code);
        }
        catch (PodConnectionException e)
        {
            return Failed(e.Message);
        }
        catch (OperationCanceledException)
        {
            return Failed("the connection ended");
        }
    }

    private static JsonObject Succeeded() => new() { ["metadata"] = new JsonObject(), ["status"] = "Success" };

    private static JsonObject Failed(string message) => new()
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = "InternalError",
        ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) },
        ["code"] = 500,
    };

    private static JsonObject Exited(int code)
    {
        var number = code.ToString(CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = $"command terminated with non-zero exit code: exit code {number}",
            ["reason"] = "NonZeroExitCode",
            ["details"] = new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = number }),
            },
        };
    }

    private static async IAsyncEnumerable<(int Width, int Height)> SizesAsync(
        Stream messages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        var text = new StringBuilder();
        while (await messages.ReadAsync(buffer, cancellationToken) is var count && count > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            while (text.ToString().IndexOf('}', StringComparison.Ordinal) is var end && end >= 0)
            {
                var size = JsonNode.Parse(text.ToString(0, end + 1))!.AsObject();
                text.Remove(0, end + 1);
                yield return ((int)size.NumberOrZero("Width"), (int)size.NumberOrZero("Height"));
            }
        }
    }

    private static string Container(ResourceRequest request, StoredObject pod)
    {
        var asked = request.Query["container"].ToString();
        var spec = pod.Content.Map("spec");
        List<string> names =
        [
            .. spec.Items("containers").Concat(spec.Items("initContainers")).Concat(spec.Items("ephemeralContainers"))
                .Select(container => container.Text("name") ?? ""),
        ];
        if (asked.Length > 0)
        {
            return names.Contains(asked)
                ? asked
                : throw ApiErrors.BadRequest($"container {asked} is not valid for pod {pod.Name}");
        }

        return spec.Items("containers") is [var only]
            ? only.Text("name") ?? ""
            : pod.Content.Text("metadata", "annotations", "kubectl.kubernetes.io/default-container")
            ?? throw ApiErrors.BadRequest(
                $"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', names)}]");
    }

    private static void RequireWebSocket(ResourceRequest request)
    {
        if (!ChannelSocket.IsAskedFor(request.Http.Request))
        {
            throw ApiErrors.BadRequest(
                "Upgrade request required: this dev cluster speaks WebSocket and SPDY/3.1 here");
        }
    }

    private static bool IsTrue(Microsoft.Extensions.Primitives.StringValues value) =>
        value.ToString() is "true" or "1" or "True" or "t";

    private static long? Number(Microsoft.Extensions.Primitives.StringValues value) =>
        long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
