// Filtering: the kernel's packet filter: nftables by its library or its program, and the connections that it tracks.

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynospace.Linux.Filtering;

/// <summary>nftables: transactions as text in its own language, dumps as JSON. For one thread at a time.</summary>
public interface INftables : IDisposable
{
    /// <summary>How the commands get to the kernel, for the log.</summary>
    string Description { get; }

    /// <summary>Runs commands as one transaction and gives what they print.</summary>
    /// <exception cref="NftablesException">They were refused; nothing of them took effect.</exception>
    string Run(string commands, bool json = false);
}

/// <summary>nftables refused commands.</summary>
public sealed class NftablesException(string message) : Exception(message)
{
    /// <summary>Whether the object that the commands name does not exist.</summary>
    public bool IsMissing => Message.Contains("No such file or directory", StringComparison.Ordinal);

    /// <summary>Whether this process may not write rules.</summary>
    public bool IsForbidden => Message.Contains("Operation not permitted", StringComparison.Ordinal);
}

/// <summary>Finds the way to nftables that there is.</summary>
public static class Nftables
{
    private const string Program = "nft";

    /// <summary>
    /// libnftables waits for the kernel by select(), which ends the process with a file descriptor of 1,024 or more.
    /// Other threads may open some before it does.
    /// </summary>
    private const int HighestDescriptor = 900;

    /// <summary>The library in this process, else the program.</summary>
    /// <exception cref="NftablesException">There is neither, or only the library, with too many files open.</exception>
    public static INftables Open()
    {
        if (NextDescriptor() > HighestDescriptor)
        {
            return OpenProgram(
                $"this process has more than {HighestDescriptor} files open, with which libnftables.so.1 cannot "
                + "work, and the program nft is not there: install the package nftables, version 1.0.6 or later");
        }

        try
        {
            return new NftablesLibrary();
        }
        catch (DllNotFoundException)
        {
            return OpenProgram(
                "neither libnftables.so.1 nor the program nft is there: install the package libnftables1 or nftables, "
                + "version 1.0.6 or later");
        }
    }

    private static NftablesProgram OpenProgram(string problem) =>
        FindProgram() is { } path ? new NftablesProgram(path) : throw new NftablesException(problem);

    /// <summary>The kernel assigns the lowest free descriptor.</summary>
    private static int NextDescriptor()
    {
        using var file = File.OpenHandle("/dev/null");
        return (int)file.DangerousGetHandle();
    }

    public static string? FindProgram() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/sbin", "/sbin", "/usr/bin"])
            .Select(folder => Path.Combine(folder, Program))
            .FirstOrDefault(File.Exists);
}

/// <summary>libnftables in this process: a tenth of the time that a process takes.</summary>
internal sealed partial class NftablesLibrary : INftables
{
    private const string Library = "libnftables.so.1";
    private const uint Json = 1 << 4;

    // Numbers for what has no fixed name; protocols keep theirs.
    private const uint NumericPriority = 1 << 8;

    /// <summary>
    /// One call at a time in this process: contexts share tables of names, and the C library's reading of
    /// /etc/protocols, without a lock of their own.
    /// </summary>
    private static readonly Lock Calls = new();

    /// <summary>The longest that a running transaction takes.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(10);

    /// <summary>
    /// At exit the C library frees the buffers of all streams without waiting for threads that write to them, and
    /// libnftables writes to such streams: no thread may be in it then. Later calls block until the process is gone.
    /// </summary>
    static NftablesLibrary() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Calls.TryEnter(LongestCall);

    /// <summary>0 once it is freed: a part that stops late then gets an exception, and the process goes on.</summary>
    private nint _context;

    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public NftablesLibrary()
    {
        lock (Calls)
        {
            _context = Create(0);
            if (_context == 0 || BufferOutput(_context) != 0 || BufferError(_context) != 0)
            {
                throw new NftablesException("libnftables cannot be set up: no memory, or no netlink socket");
            }
        }
    }

    public string Description => Library;

    public string Run(string commands, bool json = false)
    {
        lock (Calls)
        {
            ObjectDisposedException.ThrowIf(_context == 0, this);
            SetOutput(_context, NumericPriority | (json ? Json : 0));
            var result = RunCommands(_context, commands);
            var output = Marshal.PtrToStringUTF8(Output(_context)) ?? "";
            var error = Marshal.PtrToStringUTF8(Error(_context)) ?? "";
            return result == 0 ? output : throw new NftablesException(NftablesProgram.Shortened(error));
        }
    }

    public void Dispose()
    {
        lock (Calls)
        {
            if (_context != 0)
            {
                Free(_context);
                _context = 0;
            }
        }
    }

    [LibraryImport(Library, EntryPoint = "nft_ctx_new")]
    private static partial nint Create(uint flags);

    [LibraryImport(Library, EntryPoint = "nft_ctx_free")]
    private static partial void Free(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_output")]
    private static partial int BufferOutput(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_error")]
    private static partial int BufferError(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_get_output_buffer")]
    private static partial nint Output(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_get_error_buffer")]
    private static partial nint Error(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_output_set_flags")]
    private static partial void SetOutput(nint context, uint flags);

    [LibraryImport(Library, EntryPoint = "nft_run_cmd_from_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RunCommands(nint context, string commands);
}

/// <summary><c>nft -f -</c>, a process for each transaction.</summary>
internal sealed class NftablesProgram(string path) : INftables
{
    private const int LongestMessage = 500;

    public string Description => path;

    public string Run(string commands, bool json = false)
    {
        // With -j the program takes its input for JSON, but not its arguments.
        var start = new ProcessStartInfo(path, json ? ["-y", "-j", commands] : ["-y", "-f", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        using var process = Process.Start(start) ?? throw new NftablesException($"{path} cannot be started");
        var error = new StringBuilder();
        process.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        process.BeginErrorReadLine();
        process.StandardInput.Write(json ? "" : commands);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new NftablesException(Shortened(error.ToString()));
    }

    public void Dispose()
    {
    }

    /// <summary>The message without the commands that it repeats, which may be long.</summary>
    public static string Shortened(string error)
    {
        var lines = error.Split('\n').Where(line => line.Contains("Error:", StringComparison.Ordinal)).Distinct();
        var text = string.Join("; ", lines.Take(3));
        text = text.Length > 0 ? text : error.Trim();
        return text.Length > LongestMessage ? text[..LongestMessage] : text;
    }
}
