using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Dynospace.Testing.Networks;

/// <summary>
/// A network namespace that goes with the test. One that a killed run left behind goes at the next start: its name has
/// the process in it.
/// </summary>
public sealed partial class NetworkNamespace : IDisposable
{
    private const string Prefix = "dsna-";
    private const int NewNetwork = 0x40000000;

    private static int _count;

    static NetworkNamespace()
    {
        foreach (var path in Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns", Prefix + "*") : [])
        {
            var name = Path.GetFileName(path);
            if (!Directory.Exists($"/proc/{name.Split('-')[1]}"))
            {
                Run("ip", ["netns", "del", name]);
            }
        }
    }

    public NetworkNamespace()
    {
        Name = string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        Run("ip", ["netns", "add", Name]);
        Ip("link set lo up");
    }

    public string Name { get; }

    /// <summary>Why packets cannot be tried here; null when they can.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>Skips the test where packets cannot be tried.</summary>
    public static void Require() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    public void Ip(string command) => Run("ip", ["-n", Name, .. command.Split(' ')]);

    /// <summary>Several commands of ip in one process.</summary>
    public void IpBatch(IEnumerable<string> commands) =>
        Run("ip", ["-n", Name, "-batch", "-"], string.Join('\n', commands) + "\n");

    public string Nft(string commands) => Run("ip", ["netns", "exec", Name, "nft", "-f", "-"], commands);

    /// <summary>Runs an action on a thread in the namespace: sockets that it opens belong there for good.</summary>
    public T Run<T>(Func<T> action)
    {
        T result = default!;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle($"/run/netns/{Name}");
                if (SetNamespace((int)file.DangerousGetHandle(), NewNetwork) != 0)
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                }

                result = action();
            }
            catch (Exception e)
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <summary>Opens a socket of UDP that is bound to an address of the namespace.</summary>
    public Socket OpenUdp(IPAddress address, int port = 0) =>
        Open(new IPEndPoint(address, port), SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Opens a socket of TCP that is bound to an address of the namespace.</summary>
    public Socket OpenTcp(IPAddress address, int port = 0) =>
        Open(new IPEndPoint(address, port), SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Sets a value below /proc/sys/net.</summary>
    public void Set(string name, string value) => Run(() =>
    {
        File.WriteAllText($"/proc/sys/net/{name}", value);
        return true;
    });

    public void Dispose() => Run("ip", ["netns", "del", Name]);

    public static string Run(string program, IReadOnlyList<string> arguments, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = new StringBuilder();
        process.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        process.BeginErrorReadLine();
        process.StandardInput.Write(input ?? "");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
    }

    private Socket Open(IPEndPoint address, SocketType type, ProtocolType protocol)
    {
        var socket = Run(() => new Socket(address.AddressFamily, type, protocol));
        socket.Bind(address);
        return socket;
    }

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return "packets are tried in network namespaces, which needs Linux and root";
        }

        try
        {
            var name = $"{Prefix}{Environment.ProcessId}-0";
            Run("nft", ["--version"]);
            Run("ip", ["netns", "add", name]);
            try
            {
                Run("ip", ["netns", "exec", name, "nft", "list ruleset"]);
            }
            finally
            {
                Run("ip", ["netns", "del", name]);
            }

            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return $"packets are tried in network namespaces, which needs nftables and iproute2: {e.Message.Trim()}";
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);
}
