using System.Net.Sockets;

namespace Dynospace.NodeAgent.Kernel;

/// <summary>
/// All ways to the kernel, in the network namespace of the thread that opens them. For one thread at a time, but for
/// the monitor's wait.
/// </summary>
internal sealed record KernelAccess(
    INftables Nftables, IConntrack Conntrack, INftablesMonitor Monitor, INodeAddresses Addresses) : IDisposable
{
    /// <param name="table">The table that the monitor looks at, without its family.</param>
    /// <exception cref="NftablesException">nftables is not installed.</exception>
    /// <exception cref="SocketException">The kernel refuses a socket.</exception>
    public static KernelAccess Open(string table)
    {
        var opened = new List<IDisposable>();
        try
        {
            return new KernelAccess(
                Keep(Kernel.Nftables.Open()),
                Keep(new ConntrackSocket()),
                Keep(new NftablesMonitorSocket(table)),
                Keep(new NodeAddressSocket()));
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
        Conntrack.Dispose();
        Monitor.Dispose();
        Addresses.Dispose();
    }
}
