using System.Text;

namespace Dynospace.Gate.Recording;

/// <summary>
/// The recorded process, in a session of its own. It has either a controlling terminal, or a pipe as its input and the
/// recorder's output. It is spawned, since a .NET process must not continue after a fork.
/// </summary>
/// <param name="Id">Its id, which is also that of its process group.</param>
/// <param name="Input">The file to write its input to: the pipe, or the master of its terminal.</param>
/// <param name="HasTerminal">Whether it has a terminal. Its output is then read from the master.</param>
internal sealed unsafe record ChildProcess(int Id, int Input, bool HasTerminal)
{
    private const int ReadWrite = 2;
    private const int StructureBytes = 1024;
    private const short DefaultSignals = 0x04;
    private const short SignalMask = 0x08;
    private const short NewSession = 0x80;

    /// <summary>The environment of this process as the kernel gave it: strings that end with a zero.</summary>
    public static byte[] OwnEnvironment() => File.ReadAllBytes("/proc/self/environ");

    /// <exception cref="StartException">It cannot be started.</exception>
    public static ChildProcess Start(IReadOnlyList<string> command, byte[] environment, bool hasTerminal)
    {
        var actions = stackalloc byte[StructureBytes];
        _ = Libc.BeginActions(actions);
        try
        {
            if (!hasTerminal)
            {
                var (read, write) = Libc.OpenPipe() ?? throw new StartException("there is no pipe for its input");
                _ = Libc.AddDuplicate(actions, read, 0);
                var piped = Spawn(command, environment, actions);
                _ = Libc.Close(read);
                return new ChildProcess(piped, write, false);
            }

            var (master, path) = Libc.OpenTerminal() ?? throw new StartException("there is no terminal for it");
            fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            {
                // The first terminal that a session leader opens becomes its controlling terminal.
                _ = Libc.AddOpen(actions, 0, name, ReadWrite, 0);
                _ = Libc.AddDuplicate(actions, 0, 1);
                _ = Libc.AddDuplicate(actions, 0, 2);
                Libc.CopySize(0, master);
                return new ChildProcess(Spawn(command, environment, actions), master, true);
            }
        }
        finally
        {
            _ = Libc.EndActions(actions);
        }
    }

    /// <summary>Waits for its end, and reaps the orphans that this process inherits as process 1.</summary>
    /// <returns>Its exit code; 128 plus the signal if a signal ended it.</returns>
    public int WaitForEnd()
    {
        while (true)
        {
            var ended = Libc.Wait(-1, out var status, 0);
            if (ended == Id)
            {
                return (status & 0x7F) is var signal and not 0 ? 128 + signal : (status >> 8) & 0xFF;
            }

            if (ended < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != Libc.Interrupted)
            {
                return RecordingProgram.OwnFailure;
            }
        }
    }

    private static int Spawn(IReadOnlyList<string> command, byte[] environment, byte* actions)
    {
        var attributes = stackalloc byte[StructureBytes];
        var signals = stackalloc byte[StructureBytes];
        _ = Libc.BeginAttributes(attributes);
        _ = Libc.SetFlags(attributes, DefaultSignals | SignalMask | NewSession);
        new Span<byte>(signals, StructureBytes).Clear();
        _ = Libc.SetSignalMask(attributes, signals);
        _ = Libc.FillSignals(signals);
        _ = Libc.SetDefaultSignals(attributes, signals);
        var words = Encoding.UTF8.GetBytes(string.Concat(command.Select(word => word + '\0')));
        var arguments = new nint[command.Count + 1];
        var variables = new nint[environment.AsSpan().Count((byte)0) + 1];
        fixed (byte* firstWord = words, firstVariable = environment)
        fixed (nint* word = arguments, variable = variables)
        {
            Point(words, firstWord, arguments);
            Point(environment, firstVariable, variables);
            var problem = Libc.Spawn(
                out var process, (byte*)word[0], actions, attributes, (byte**)word, (byte**)variable);
            _ = Libc.EndAttributes(attributes);
            return problem == 0 ? process : throw new StartException(command[0], problem);
        }
    }

    /// <summary>Fills in the address of each of the strings.</summary>
    private static void Point(byte[] texts, byte* first, nint[] starts)
    {
        var start = 0;
        for (var i = 0; i < starts.Length - 1; i++)
        {
            starts[i] = (nint)(first + start);
            start += texts.AsSpan(start).IndexOf((byte)0) + 1;
        }
    }
}

/// <summary>The process to record cannot be started.</summary>
internal sealed class StartException : Exception
{
    /// <summary>The exit code that shells use.</summary>
    private const int NoSuchCommand = 127;

    private const int NotExecutable = 126;

    public StartException(string message)
        : base(message) => Code = RecordingProgram.OwnFailure;

    public StartException(string command, int problem)
        : base(problem == Libc.NotFound
            ? $"'{command}' was not found in the image"
            : $"'{command}' cannot be run (error {problem})") =>
        Code = problem == Libc.NotFound ? NoSuchCommand : NotExecutable;

    /// <summary>The exit code.</summary>
    public int Code { get; }
}
