// Kernel: what is needed of the machine: namespaces, memory limits, programs, and the removal of what earlier runs
// left.

using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace DevCluster.Network.Kernel;

/// <summary>A named network namespace of this machine.</summary>
public sealed partial class Netns
{
    internal const string Folder = "/run/netns";

    private const int NewNetwork = 0x40000000;

    private Netns(string name) => Name = name;

    /// <summary>Whether the kernel of this machine has IPv6.</summary>
    internal static bool HasIPv6 => Directory.Exists("/proc/sys/net/ipv6");

    /// <summary>As <c>ip netns</c> knows it.</summary>
    public string Name { get; }

    /// <summary>The file that stands for it.</summary>
    public string Path => $"{Folder}/{Name}";

    internal static async Task<Netns> CreateAsync(string name, CancellationToken cancellationToken)
    {
        await Commands.RunAsync("ip", ["netns", "add", name], null, cancellationToken);
        var made = new Netns(name);
        await made.IpAsync(["link set lo up"], cancellationToken);
        return made;
    }

    internal static Task DeleteAsync(string name) =>
        Commands.RunAsync("ip", ["netns", "del", name], null, CancellationToken.None);

    internal Task DeleteAsync() => DeleteAsync(Name);

    /// <summary>Commands of <c>ip</c>, in one process.</summary>
    internal Task IpAsync(IEnumerable<string> commands, CancellationToken cancellationToken) =>
        Commands.RunAsync("ip", ["-n", Name, "-batch", "-"], string.Join('\n', commands) + "\n", cancellationToken);

    /// <summary>Commands of <c>nft</c>, as one transaction.</summary>
    internal Task NftAsync(string commands, CancellationToken cancellationToken) =>
        Commands.RunAsync("nsenter", [$"--net={Path}", "nft", "-f", "-"], commands, cancellationToken);

    /// <summary>Sets values below <c>/proc/sys/net</c>.</summary>
    internal void Set(IEnumerable<(string Name, string Value)> settings) => Run(() =>
    {
        foreach (var (name, value) in settings)
        {
            File.WriteAllText($"/proc/sys/net/{name}", value);
        }

        return true;
    });

    /// <summary>
    /// Runs an action on a thread of its own inside the namespace. What opens a socket there may use it anywhere: a
    /// socket stays where it was opened.
    /// </summary>
    /// <exception cref="NetworkException">The namespace cannot be entered.</exception>
    public T Run<T>(Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private void Enter()
    {
        using var file = File.OpenHandle(Path);
        if (SetNamespace((int)file.DangerousGetHandle(), NewNetwork) != 0)
        {
            throw new NetworkException(
                $"the network namespace {Name} cannot be entered: "
                + $"{new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);
}
