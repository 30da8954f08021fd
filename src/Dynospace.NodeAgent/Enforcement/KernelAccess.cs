using System.Net.Sockets;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;

namespace Dynospace.NodeAgent.Enforcement;

/// <summary>
/// Access to the kernel, in the network namespace of the thread that opens it. Not thread-safe, except for the
/// monitor's wait.
/// </summary>
public sealed record KernelAccess(
    INftables Nftables, INftablesElements Elements, IConntrack Conntrack, INftablesMonitor Monitor,
    NetworkStack Network) : IDisposable
{
    /// <param name="table">The table that the monitor observes, without its family.</param>
    /// <exception cref="NftablesException">nftables is not installed.</exception>
    /// <exception cref="SocketException">The kernel refuses a socket.</exception>
    public static KernelAccess Open(string table)
    {
        var opened = new List<IDisposable>();
        try
        {
            return new KernelAccess(
                Keep(Linux.Filtering.Nftables.Open()),
                Keep(new NftablesElementSocket()),
                Keep(new ConntrackSocket()),
                Keep(new NftablesMonitorSocket(table)),
                Keep(NetworkStack.Open()));
        }
        catch
        {
            opened.ForEach(item => item.Dispose());
            throw;
        }

        T Keep<T>(T item)
            where T : IDisposable
        {
            opened.Add(item);
            return item;
        }
    }

    public void Dispose()
    {
        Nftables.Dispose();
        Elements.Dispose();
        Conntrack.Dispose();
        Monitor.Dispose();
        Network.Dispose();
    }
}
