using System.Runtime.InteropServices;

namespace Dynospace.Gate.Recording;

/// <summary>Linux calls that .NET does not offer.</summary>
internal static unsafe partial class Libc
{
    public const int Interrupted = 4;
    private const int Again = 11;
    public const int NotFound = 2;
    public const int SigHangUp = 1;
    public const int SigKill = 9;

    private const string Library = "libc";
    private const int SetDumpable = 4;
    private const ulong ExclusiveMode = 0x540C;
    private const ulong GetWindowSize = 0x5413;
    private const ulong SetWindowSize = 0x5414;
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x80000;

    /// <summary>At least the size of termios on every architecture.</summary>
    private const int SettingsBytes = 128;

    /// <summary>
    /// Prevents other processes of the same user from reading this one's memory and open files, and from tracing it.
    /// </summary>
    public static bool Protect() => ProcessControl(SetDumpable, 0, 0, 0, 0) == 0;

    /// <summary>Prevents unprivileged processes from opening a terminal again.</summary>
    public static bool TakeExclusively(int terminal) => Control(terminal, ExclusiveMode, null) == 0;

    public static bool IsTerminal(int file) => IsTerminalFile(file) == 1;

    /// <summary>Gives one terminal the size of another.</summary>
    public static void CopySize(int from, int to)
    {
        var size = stackalloc ushort[4];
        if (Control(from, GetWindowSize, size) == 0 && size[0] > 0 && size[1] > 0)
        {
            _ = Control(to, SetWindowSize, size);
        }
    }

    /// <summary>Sets the size of a terminal.</summary>
    public static void Resize(int terminal, int width, int height)
    {
        var size = stackalloc ushort[4] { (ushort)height, (ushort)width, 0, 0 };
        _ = Control(terminal, SetWindowSize, size);
    }

    /// <summary>Makes a terminal pass on every byte unchanged. Returns its previous settings.</summary>
    public static byte[]? MakeRaw(int terminal)
    {
        var settings = new byte[SettingsBytes];
        fixed (byte* before = settings)
        {
            if (GetSettings(terminal, before) != 0)
            {
                return null;
            }

            var raw = stackalloc byte[SettingsBytes];
            Buffer.MemoryCopy(before, raw, SettingsBytes, SettingsBytes);
            MakeRaw(raw);
            _ = SetSettings(terminal, 0, raw);
        }

        return settings;
    }

    public static void Restore(int terminal, byte[]? settings)
    {
        fixed (byte* before = settings)
        {
            if (before is not null)
            {
                _ = SetSettings(terminal, 0, before);
            }
        }
    }

    /// <summary>Opens a pseudo-terminal: its master, and the path of its other end; null if that fails.</summary>
    public static (int Master, string Path)? OpenTerminal()
    {
        var master = OpenMaster(ReadWrite | NoControllingTerminal | CloseOnExec);
        var name = stackalloc byte[64];
        return master >= 0 && Grant(master) == 0 && Unlock(master) == 0 && NameOf(master, name, 64) == 0
            ? (master, Marshal.PtrToStringUTF8((nint)name)!)
            : null;
    }

    /// <summary>Opens a pipe that children do not inherit; null if that fails.</summary>
    public static (int Read, int Write)? OpenPipe()
    {
        var ends = stackalloc int[2];
        return Pipe(ends, CloseOnExec) == 0 ? (ends[0], ends[1]) : null;
    }

    /// <summary>Reads the available bytes; 0 at the end, or if the other end of a terminal is closed.</summary>
    public static int Read(int file, Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
            {
                count = ReadFile(file, start, buffer.Length);
            }

            if (count >= 0)
            {
                return (int)count;
            }

            if (!IsPassing())
            {
                return 0;
            }
        }
    }

    /// <summary>Writes all bytes; false if the other end is closed.</summary>
    public static bool Write(int file, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint count;
            fixed (byte* start = bytes)
            {
                count = WriteFile(file, start, bytes.Length);
            }

            if (count >= 0)
            {
                bytes = bytes[(int)count..];
            }
            else if (!IsPassing())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether to try again. If the file does not block, it first waits a moment.</summary>
    private static bool IsPassing()
    {
        var error = Marshal.GetLastPInvokeError();
        if (error == Again)
        {
            Thread.Sleep(10);
        }

        return error is Interrupted or Again;
    }

    [LibraryImport(Library, EntryPoint = "close")]
    public static partial int Close(int file);

    [LibraryImport(Library, EntryPoint = "kill")]
    public static partial int Kill(int process, int signal);

    [LibraryImport(Library, EntryPoint = "_exit")]
    public static partial void Exit(int code);

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    public static partial int Wait(int process, out int status, int options);

    [LibraryImport(Library, EntryPoint = "posix_spawnp")]
    public static partial int Spawn(
        out int process, byte* file, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int BeginActions(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int EndActions(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addopen")]
    public static partial int AddOpen(byte* actions, int file, byte* path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(byte* actions, int file, int duplicate);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    public static partial int BeginAttributes(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int EndAttributes(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetDefaultSignals(byte* attributes, byte* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetSignalMask(byte* attributes, byte* signals);

    [LibraryImport(Library, EntryPoint = "sigfillset")]
    public static partial int FillSignals(byte* signals);

    [LibraryImport(Library, EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport(Library, EntryPoint = "ioctl")]
    private static partial int Control(int file, ulong request, void* argument);

    [LibraryImport(Library, EntryPoint = "isatty")]
    private static partial int IsTerminalFile(int file);

    [LibraryImport(Library, EntryPoint = "tcgetattr")]
    private static partial int GetSettings(int file, byte* settings);

    [LibraryImport(Library, EntryPoint = "tcsetattr")]
    private static partial int SetSettings(int file, int when, byte* settings);

    [LibraryImport(Library, EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw(byte* settings);

    [LibraryImport(Library, EntryPoint = "posix_openpt")]
    private static partial int OpenMaster(int flags);

    [LibraryImport(Library, EntryPoint = "grantpt")]
    private static partial int Grant(int master);

    [LibraryImport(Library, EntryPoint = "unlockpt")]
    private static partial int Unlock(int master);

    [LibraryImport(Library, EntryPoint = "ptsname_r")]
    private static partial int NameOf(int master, byte* name, nint length);

    [LibraryImport(Library, EntryPoint = "pipe2")]
    private static partial int Pipe(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadFile(int file, byte* bytes, nint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteFile(int file, byte* bytes, nint count);
}
