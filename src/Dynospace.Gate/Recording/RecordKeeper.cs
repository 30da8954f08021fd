using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynospace.Gate.Recording;

/// <summary>
/// Writes the record of one run to the log of its own container, which the run's process cannot write to. It accepts
/// one connection, before that process starts, and then removes the socket. When it is started again, it accepts none.
/// </summary>
internal sealed class RecordKeeper(string socketPath, Action<string> write)
{
    /// <summary>The most input bytes in one line. Longer input becomes several lines.</summary>
    public const int LongestInput = 1024;

    private const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>How long typed text waits for the end of its line.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly RecordBudget _budget = new();
    private readonly List<byte> _typed = [];
    private readonly long _begin = Stopwatch.GetTimestamp();
    private int _lines;
    private volatile bool _isTaken;
    private volatile bool _isAskedToEnd;
    private bool _hasEnded;

    public int Run()
    {
        // Process 1 of a container receives only signals that it handles. The end of the run ends it.
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            _isAskedToEnd = true;
            if (!_isTaken)
            {
                Libc.Exit(0);
            }
        });
        if (Accept() is not { } socket)
        {
            Say("at=refused", "reason=\"the keeper was started again, and keeps no second record\"");
            Thread.Sleep(Timeout.Infinite);
            return 0;
        }

        using (socket)
        {
            Keep(socket);
        }

        _isTaken = false;
        if (!_isAskedToEnd)
        {
            // The kubelet would start it again while other containers of its pod run.
            Thread.Sleep(Timeout.Infinite);
        }

        return 0;
    }

    /// <summary>Records the messages of one recorder until its connection ends.</summary>
    public void Keep(Socket socket)
    {
        while (Next(socket) is var (kind, payload))
        {
            var answer = Take(kind, payload);
            try
            {
                socket.Send([(byte)answer]);
            }
            catch (SocketException)
            {
                break;
            }
        }

        Flush();
        if (!_hasEnded)
        {
            Say("at=lost", "reason=\"the recorder ended before the process did\"");
        }
    }

    private Socket? Accept()
    {
        var mark = socketPath + ".used";
        if (File.Exists(mark))
        {
            return null;
        }

        File.Delete(socketPath);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        File.SetUnixFileMode(socketPath, Everyone);
        listener.Listen(1);
        var socket = listener.Accept();
        _isTaken = true;
        File.WriteAllBytes(mark, []);
        File.Delete(socketPath);
        return socket;
    }

    private (FrameKind Kind, byte[] Payload)? Next(Socket socket)
    {
        if (_typed.Count > 0 && !socket.Poll(Pause, SelectMode.SelectRead))
        {
            Flush();
        }

        return RecordFrames.Receive(socket);
    }

    private FrameAnswer Take(FrameKind kind, byte[] payload)
    {
        switch (kind)
        {
            case FrameKind.Start when payload.Length > 0:
                Say("at=start", payload[0] == 1 ? "tty=true" : "tty=false",
                    $"command={RecordedText.Quote(payload.AsSpan(1))}");
                break;
            case FrameKind.Input:
                return TakeInput(payload);
            case FrameKind.InputEnded:
                Flush();
                Say("at=input-end");
                break;
            case FrameKind.End when payload.Length == sizeof(int):
                Flush();
                _hasEnded = true;
                Say("at=end", $"exit={BinaryPrimitives.ReadInt32LittleEndian(payload)}");
                break;
        }

        return FrameAnswer.Kept;
    }

    private FrameAnswer TakeInput(byte[] payload)
    {
        if (_budget.Take(payload.Length, Stopwatch.GetElapsedTime(_begin)) is not { } wait)
        {
            Flush();
            Say("at=full", $"bytes={RecordBudget.MostBytes}");
            return FrameAnswer.Full;
        }

        Thread.Sleep(wait);
        foreach (var value in payload)
        {
            _typed.Add(value);
            if (value is (byte)'\r' or (byte)'\n' || _typed.Count >= LongestInput)
            {
                Flush();
            }
        }

        return FrameAnswer.Kept;
    }

    private void Flush()
    {
        if (_typed.Count > 0)
        {
            var text = CollectionsMarshal.AsSpan(_typed);
            Say("at=input", $"bytes={text.Length}", $"text={RecordedText.Quote(text)}");
            _typed.Clear();
        }
    }

    /// <summary>Writes a line with its number, so that readers notice a missing line.</summary>
    private void Say(string what, params IEnumerable<string> more)
    {
        var line = new StringBuilder(what).Append(" line=").Append(++_lines);
        foreach (var word in more)
        {
            line.Append(' ').Append(word);
        }

        write(line.ToString());
    }
}
