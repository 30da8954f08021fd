// Namespaces: network namespaces and the sysctls in them. A socket stays in the namespace of the thread that opened it.

using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dynospace.Linux.Namespaces;

/// <summary>A network namespace cannot be made, entered or removed.</summary>
public sealed class NetworkNamespaceException(string message, int error)
    : Exception($"{message}: {Marshal.GetPInvokeErrorMessage(error)}")
{
    /// <summary>The number of the error.</summary>
    public int Error { get; } = error;
}

/// <summary>
/// A network namespace, which lives at least as long as this handle. Named ones are those of <c>ip netns</c>.
/// </summary>
public sealed partial class NetworkNamespace : IDisposable
{
    /// <summary>Where namespaces have names.</summary>
    public const string Folder = "/run/netns";

    private const int NewNetwork = 0x40000000;
    private const nuint BindMount = 0x1000;
    private const nuint Recursive = 0x4000;
    private const nuint Shared = 0x100000;
    private const int Detach = 2;
    private const int InvalidArgument = 22;

    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle) => _handle = handle;

    /// <summary>The names of all that have one.</summary>
    public static IReadOnlyList<string> Names =>
        Directory.Exists(Folder) ? [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path))] : [];

    /// <summary>The file descriptor, which netlink messages name.</summary>
    internal int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Makes a namespace with a name, as <c>ip netns add</c> does. Its loopback is switched off.</summary>
    /// <exception cref="NetworkNamespaceException">It exists, or this process may not.</exception>
    public static NetworkNamespace Create(string name)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Folder);
        ShareFolder();
        try
        {
            File.Open(path, FileMode.CreateNew).Dispose();
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new NetworkNamespaceException($"the network namespace {name} exists already", e.HResult);
        }

        try
        {
            // The thread ends with its new namespace, which the mount keeps.
            OnThread(() =>
            {
                Check(Unshare(NewNetwork), $"the network namespace {name} cannot be made");
                Check(
                    Mount("/proc/thread-self/ns/net", path, "none", BindMount, 0),
                    $"the network namespace {name} cannot be given its name");
                return true;
            });
        }
        catch
        {
            File.Delete(path);
            throw;
        }

        return Open(path);
    }

    /// <summary>Opens a namespace by its name.</summary>
    /// <exception cref="NetworkNamespaceException">There is none.</exception>
    public static NetworkNamespace OpenNamed(string name) => Open(PathOf(name));

    /// <summary>Opens a namespace by a file that stands for it, such as <c>/proc/PID/ns/net</c>.</summary>
    /// <exception cref="NetworkNamespaceException">There is none.</exception>
    public static NetworkNamespace Open(string path)
    {
        try
        {
            return new NetworkNamespace(File.OpenHandle(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NetworkNamespaceException($"the network namespace {path} cannot be opened", e.HResult);
        }
    }

    /// <summary>
    /// Removes a name. The namespace goes with it unless a process, a handle or a socket is still in it. No error if
    /// there is none.
    /// </summary>
    /// <exception cref="NetworkNamespaceException">This process may not.</exception>
    public static void Delete(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            return;
        }

        // Without a mount it is the plain file of one that was not finished.
        if (Unmount(path, Detach) != 0 && Marshal.GetLastPInvokeError() is var error and not InvalidArgument)
        {
            throw new NetworkNamespaceException($"the network namespace {name} cannot be removed", error);
        }

        File.Delete(path);
    }

    /// <summary>
    /// Runs an action on a thread in the namespace. Sockets that it opens, and processes that it starts, belong to the
    /// namespace for good. The action must start nothing that goes on by itself, such as a task: a thread that the pool
    /// starts for it would be in the namespace as well, and stay there.
    /// </summary>
    /// <exception cref="NetworkNamespaceException">The namespace cannot be entered.</exception>
    public T Run<T>(Func<T> action) => OnThread(() =>
    {
        Check(SetNamespace(Descriptor, NewNetwork), "the network namespace cannot be entered");
        return action();
    });

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static string PathOf(string name) => name.Length > 0 && !name.Contains('/') && name is not ("." or "..")
        ? Path.Combine(Folder, name)
        : throw new ArgumentException($"'{name}' is not the name of a network namespace");

    /// <summary>
    /// Mounts below the folder reach every mount namespace, and so do their removals: else a process with a mount
    /// namespace of its own would keep a removed one alive. As <c>ip netns</c> does it.
    /// </summary>
    private static void ShareFolder()
    {
        if (Mount("", Folder, "none", Shared | Recursive, 0) == 0)
        {
            return;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error != InvalidArgument)
        {
            throw new NetworkNamespaceException($"{Folder} cannot be shared", error);
        }

        Check(Mount(Folder, Folder, "none", BindMount | Recursive, 0), $"{Folder} cannot be mounted");
        Check(Mount("", Folder, "none", Shared | Recursive, 0), $"{Folder} cannot be shared");
    }

    private static T OnThread<T>(Func<T> action)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private static void Check(int result, string problem)
    {
        if (result != 0)
        {
            throw new NetworkNamespaceException(problem, Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int kinds);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string kind, nuint flags, nint data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
