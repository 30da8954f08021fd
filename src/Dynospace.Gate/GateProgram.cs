// Dynospace.Gate: holds a dyno's start back until its packets leave from the expected address. A static program,
// without a runtime beside it.

using System.Net.Sockets;
using System.Text;

namespace Dynospace.Gate;

/// <summary>
/// Waits until packets of this pod leave from the expected address: asks a server for the address that it comes from,
/// and ends when that is an expected one. With <c>--listen</c> it is that server.
/// </summary>
public static class GateProgram
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The time-out of the first question. The node drops its packet until it knows the pod, and the kernel would
    /// repeat the packet only after a second.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The longest time-out, for servers that are far away. It doubles after each question without an answer.
    /// </summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(2);

    /// <summary>Runs it.</summary>
    /// <returns>0 when the address is an expected one, 1 at the limit, 2 for a bad command line.</returns>
    public static async Task<int> RunAsync(
        string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (GateOptions.Parse(args, out var problem) is not { } options)
        {
            await error.WriteLineAsync($"{problem}\n{GateOptions.Usage}");
            return 2;
        }

        return options.Listen is { } address
            ? await EchoServer.RunAsync(address, output, cancellationToken)
            : await WaitAsync(options, output, error, cancellationToken);
    }

    private static async Task<int> WaitAsync(
        GateOptions options, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        var expected = string.Join(" or ", options.Expected);
        var patience = Patience;
        string? last = null;
        while (true)
        {
            string seen;
            try
            {
                var source = await AskAsync(options, patience, limit.Token);
                if (options.Expects(source))
                {
                    await output.WriteLineAsync($"packets leave from {source}");
                    return 0;
                }

                seen = $"packets leave from {source}, not from {expected}";
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
            {
                seen = $"{options.Target} does not answer"
                    + (e is SocketException { SocketErrorCode: var code } ? $" ({code})" : "");
                patience = patience * 2 < MostPatience ? patience * 2 : MostPatience;
            }

            if (limit.IsCancellationRequested)
            {
                await error.WriteLineAsync(
                    $"gave up after {options.Timeout.TotalSeconds:0} seconds: {last ?? seen}. The dyno does not start, "
                    + $"since its packets would not leave from {expected}; see the condition EgressReady of its "
                    + "Space.");
                return 1;
            }

            if (seen != last)
            {
                await output.WriteLineAsync($"waiting: {seen}");
            }

            last = seen;
            try
            {
                await Task.Delay(Spacing, limit.Token);
            }
            catch (OperationCanceledException)
            {
                // The limit: it is tried once more, and says so.
            }
        }
    }

    private static async Task<string> AskAsync(
        GateOptions options, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        using var socket = new Socket(options.Target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(options.Target, limit.Token);
        // The longest address and the end of the line.
        var buffer = new byte[64];
        var length = 0;
        while (length < buffer.Length && !buffer.AsSpan(0, length).Contains((byte)'\n'))
        {
            var more = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            if (more == 0)
            {
                break;
            }

            length += more;
        }

        return length == 0
            ? throw new IOException("closed without an answer")
            : Encoding.ASCII.GetString(buffer, 0, length).Split('\n')[0].Trim();
    }
}
