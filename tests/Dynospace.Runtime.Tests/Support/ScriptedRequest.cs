using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>A request that a test answers.</summary>
internal sealed class ScriptedRequest
{
    private readonly TcpClient _connection;
    private readonly NetworkStream _stream;
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ScriptedRequest(TcpClient connection, NetworkStream stream, string head, string body)
    {
        _connection = connection;
        _stream = stream;
        var lines = head.Split("\r\n");
        var first = lines[0].Split(' ');
        Method = first[0];
        Target = first[1];
        Body = body.Length == 0 ? null : JsonNode.Parse(body);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            Headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var parts = Target.Split('?', 2);
        Path = parts[0];
        foreach (var pair in parts.Length == 1 ? [] : parts[1].Split('&').Select(p => p.Split('=', 2)))
        {
            Query[pair[0]] = Uri.UnescapeDataString(pair[1]);
        }
    }

    public string Method { get; }

    public string Target { get; }

    public string Path { get; }

    public Dictionary<string, string> Query { get; } = [];

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public JsonNode? Body { get; }

    /// <summary>Ends when the connection may carry another request.</summary>
    public Task Answered => _answered.Task;

    public static async Task<ScriptedRequest?> ReadAsync(
        TcpClient connection, NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, cancellationToken) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        var text = Encoding.ASCII.GetString([.. head])[..^4];
        var length = text.Split("\r\n")
            .Where(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(l => int.Parse(l["Content-Length:".Length..], CultureInfo.InvariantCulture))
            .FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellationToken);
        return new ScriptedRequest(connection, stream, text, Encoding.UTF8.GetString(body));
    }

    public Task AnswerAsync(string json, int code = 200, params string[] headers) =>
        AnswerAsync(json, "application/json", code, headers);

    public async Task AnswerAsync(string body, string mediaType, int code, params string[] headers)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var more = string.Concat(headers.Select(h => $"{h}\r\n"));
        await SendAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {code} X\r\nContent-Type: {mediaType}\r\nContent-Length: {bytes.Length}\r\n{more}\r\n"));
        await SendAsync(bytes);
        _answered.TrySetResult();
    }

    public Task RefuseAsync(int code, string reason, string message = "refused", params string[] headers) =>
        AnswerAsync(Objects.Status(code, reason, message), code, headers);

    /// <summary>Answers with a stream of chunks.</summary>
    public async Task<ScriptedRequest> OpenAsync()
    {
        await SendAsync(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
        return this;
    }

    /// <summary>Sends one line of an opened stream.</summary>
    public Task LineAsync(string line) => ChunkAsync(Encoding.UTF8.GetBytes(line + "\n"));

    public Task EventAsync(string type, JsonNode value) =>
        LineAsync(new JsonObject { ["type"] = type, ["object"] = value.DeepClone() }.ToJsonString());

    public async Task ChunkAsync(byte[] bytes)
    {
        await SendAsync([.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8]);
    }

    /// <summary>Ends an opened stream as the protocol wants it.</summary>
    public async Task CloseAsync()
    {
        await SendAsync("0\r\n\r\n"u8.ToArray());
        _answered.TrySetResult();
    }

    /// <summary>Cuts the connection in the middle of the stream.</summary>
    public void Cut()
    {
        _connection.Close();
        _answered.TrySetResult();
    }

    /// <summary>Resets the connection, as a proxy that dies does.</summary>
    public void Reset()
    {
        _connection.LingerState = new LingerOption(true, 0);
        Cut();
    }

    /// <summary>Waits until the client has hung up.</summary>
    public async Task ClientGoneAsync()
    {
        try
        {
            Assert.Equal(0, await _stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }
    }

    private async Task SendAsync(byte[] bytes) =>
        await _stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
}
