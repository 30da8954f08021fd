using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynospace.Gate.Recording;

/// <summary>
/// Runs one process and passes its input on, each byte after the keeper has recorded it. As process 1 of its container
/// it cannot be killed from inside, and all processes end with it. Without a keeper no process starts or keeps running.
/// </summary>
/// <remarks>
/// The process runs as the same user, so the recorder protects itself: other processes cannot read its memory and open
/// files (<c>PR_SET_DUMPABLE</c>) or open its terminal again (<c>TIOCEXCL</c>), and do not inherit its open files.
/// </remarks>
/// <param name="socketPath">The socket on which the keeper listens.</param>
/// <param name="patience">How long to wait for the keeper.</param>
internal sealed class Recorder(string socketPath, TimeSpan patience)
{
    private const int BufferBytes = 4096;
    private const byte EndOfTransmission = 4;

    /// <summary>The signals to pass on to the process. .NET has no names for SIGUSR1 (10) and SIGUSR2 (12).</summary>
    private static readonly PosixSignal[] Passed =
    [
        PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP, (PosixSignal)10,
        (PosixSignal)12,
    ];

    /// <summary>
    /// How long output may pause after the end of the process. Others may keep its terminal open for ever.
    /// </summary>
    private static readonly TimeSpan LastOutput = TimeSpan.FromMilliseconds(500);

    private readonly Lock _ending = new();
    private volatile bool _hasEnded;
    private long _shown;
    private ChildProcess? _child;

    public int Run(IReadOnlyList<string> command)
    {
        // Read first: a protected process cannot read its own environment.
        var environment = ChildProcess.OwnEnvironment();
        var hasTerminal = Libc.IsTerminal(0);
        if (!Libc.Protect() || (hasTerminal && !Libc.TakeExclusively(0)))
        {
            RecordingProgram.Complain("this kernel cannot protect the recorder from the process: it does not start.");
            return RecordingProgram.OwnFailure;
        }

        // Before anything else, so that early input is not changed by the terminal.
        var settings = hasTerminal ? Libc.MakeRaw(0) : null;
        try
        {
            return Record(command, environment, hasTerminal);
        }
        finally
        {
            Libc.Restore(0, settings);
        }
    }

    private int Record(IReadOnlyList<string> command, byte[] environment, bool hasTerminal)
    {
        using var keeper = KeeperConnection.Open(socketPath, patience, Fail);
        if (keeper?.Send(FrameKind.Start, [(byte)(hasTerminal ? 1 : 0), .. Described(command)]) != FrameAnswer.Kept)
        {
            RecordingProgram.Complain("nothing keeps the record: the process does not start.");
            return RecordingProgram.OwnFailure;
        }

        try
        {
            return Attend(command, environment, hasTerminal, keeper);
        }
        catch (StartException e)
        {
            RecordingProgram.Complain($"{e.Message}.");
            keeper.End(e.Code);
            return e.Code;
        }
    }

    private int Attend(
        IReadOnlyList<string> command, byte[] environment, bool hasTerminal, KeeperConnection keeper)
    {
        var child = ChildProcess.Start(command, environment, hasTerminal);
        lock (_ending)
        {
            _child = child;
        }

        List<PosixSignalRegistration> signals = [.. Passed.Select(signal => PosixSignalRegistration.Create(
            signal,
            context =>
            {
                context.Cancel = true;
                _ = Libc.Kill(child.Id, NumberOf(signal));
            }))];
        Thread? output = null;
        if (hasTerminal)
        {
            signals.Add(PosixSignalRegistration.Create(
                PosixSignal.SIGWINCH, _ => Libc.CopySize(0, child.Input)));
            Libc.CopySize(0, child.Input);
            output = Begin(() => PassOutput(child));
        }

        Begin(() => PassInput(child, keeper));
        var code = child.WaitForEnd();
        WaitForOutput(output);
        lock (_ending)
        {
            _hasEnded = true;
        }

        keeper.End(code);
        signals.ForEach(signal => signal.Dispose());
        return code;
    }

    /// <summary>Passes on only input that the keeper has recorded.</summary>
    private static void PassInput(ChildProcess child, KeeperConnection keeper)
    {
        var buffer = new byte[BufferBytes];
        while (Libc.Read(0, buffer) is var count && count > 0)
        {
            switch (keeper.Send(FrameKind.Input, buffer.AsSpan(0, count)))
            {
                case FrameAnswer.Full:
                    RecordingProgram.Complain("the record is full, so no more input is passed on.");
                    if (child.HasTerminal)
                    {
                        _ = Libc.Kill(-child.Id, Libc.SigHangUp);
                    }

                    EndInput(child, keeper);
                    return;
                case null:
                    return;
            }

            if (!Libc.Write(child.Input, buffer.AsSpan(0, count)))
            {
                return;
            }
        }

        EndInput(child, keeper);
    }

    private static void EndInput(ChildProcess child, KeeperConnection keeper)
    {
        _ = keeper.Send(FrameKind.InputEnded, []);
        if (child.HasTerminal)
        {
            // The master stays open for the output.
            Libc.Write(child.Input, [EndOfTransmission]);
        }
        else
        {
            _ = Libc.Close(child.Input);
        }
    }

    private void PassOutput(ChildProcess child)
    {
        var buffer = new byte[BufferBytes];
        while (Libc.Read(child.Input, buffer) is var count && count > 0)
        {
            Libc.Write(1, buffer.AsSpan(0, count));
            Interlocked.Add(ref _shown, count);
        }
    }

    private void WaitForOutput(Thread? output)
    {
        var before = -1L;
        while (output?.Join(LastOutput) == false && Interlocked.Read(ref _shown) is var shown && shown != before)
        {
            before = shown;
        }
    }

    /// <summary>The keeper is gone. The process must not continue unrecorded.</summary>
    private void Fail()
    {
        lock (_ending)
        {
            if (_hasEnded)
            {
                return;
            }

            if (_child is { } child)
            {
                _ = Libc.Kill(-child.Id, Libc.SigKill);
                RecordingProgram.Complain("the record is not kept any more: the process is ended.");
                Libc.Exit(RecordingProgram.OwnFailure);
            }
        }
    }

    private static byte[] Described(IReadOnlyList<string> command)
    {
        var text = Encoding.UTF8.GetBytes(string.Join(' ', command));
        return text.Length <= BufferBytes ? text : text[..BufferBytes];
    }

    private static int NumberOf(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        PosixSignal.SIGTERM => 15,
        var number => (int)number,
    };

    private static Thread Begin(ThreadStart work)
    {
        var thread = new Thread(work) { IsBackground = true };
        thread.Start();
        return thread;
    }
}

/// <summary>
/// The only connection to the keeper. If it ends before the process does, the record is incomplete.
/// </summary>
internal sealed class KeeperConnection : IDisposable
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);
    private readonly Socket _socket;
    private readonly Lock _order = new();
    private readonly SemaphoreSlim _answered = new(0);
    private volatile bool _isLost;
    private byte _answer;

    private KeeperConnection(Socket socket, Action lost)
    {
        _socket = socket;
        new Thread(() => Listen(lost)) { IsBackground = true }.Start();
    }

    /// <summary>Connects to the keeper; null if none listens in time.</summary>
    public static KeeperConnection? Open(string path, TimeSpan patience, Action lost)
    {
        for (var attempt = 0; attempt <= patience / Spacing; attempt++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                return new KeeperConnection(socket, lost);
            }
            catch (SocketException)
            {
                socket.Dispose();
                Thread.Sleep(Spacing);
            }
        }

        return null;
    }

    /// <summary>Sends a frame. Returns the keeper's answer; null if the connection is lost.</summary>
    public FrameAnswer? Send(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        lock (_order)
        {
            try
            {
                RecordFrames.Send(_socket, kind, payload);
            }
            catch (SocketException)
            {
                return null;
            }

            _answered.Wait();
            return _isLost ? null : (FrameAnswer)_answer;
        }
    }

    public void End(int code)
    {
        var payload = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, code);
        _ = Send(FrameKind.End, payload);
    }

    public void Dispose() => _socket.Dispose();

    private void Listen(Action lost)
    {
        var answer = new byte[1];
        try
        {
            while (_socket.Receive(answer) == 1)
            {
                _answer = answer[0];
                _answered.Release();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection is lost or closed.
        }

        _isLost = true;
        _answered.Release();
        lost();
    }
}
