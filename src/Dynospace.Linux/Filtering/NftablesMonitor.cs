using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Filtering;

/// <summary>Notices when any program changes a table.</summary>
public interface INftablesMonitor : IDisposable
{
    /// <summary>Waits until something in nftables changed; false if nothing did in the time.</summary>
    bool Wait(TimeSpan atMost);

    /// <summary>Who changed the table since the last call.</summary>
    TableChanges Take();
}

/// <summary>Who changed a table.</summary>
/// <param name="Writers">How many sockets did. All messages of one transaction come from one.</param>
/// <param name="IsComplete">Whether the kernel dropped no message.</param>
public readonly record struct TableChanges(int Writers, bool IsComplete)
{
    /// <summary>
    /// Whether another program wrote: after a transaction of our own one writer is expected, else none. The kernel
    /// queues the messages of a transaction before the transaction returns.
    /// </summary>
    public bool AreForeign(bool afterOwn) => !IsComplete || Writers > (afterOwn ? 1 : 0);
}

/// <summary>The notifications of nfnetlink's group for nftables.</summary>
/// <param name="table">The name of the table, of the families inet and netdev.</param>
public sealed class NftablesMonitorSocket(string table) : INftablesMonitor
{
    private const uint NftablesGroup = 1 << (7 - 1);
    private const int Subsystem = 10;
    private const int NewGeneration = 15;
    private const int FamilyHeaderLength = 4;
    private const int TableName = 1;

    private readonly NetlinkSocket _socket = new(NetlinkSocket.Netfilter, NftablesGroup);

    public bool Wait(TimeSpan atMost) => _socket.Poll(atMost);

    public TableChanges Take()
    {
        var writers = new HashSet<uint>();
        var isComplete = _socket.Drain(message =>
        {
            if (message.Type >> 8 == Subsystem
                && (message.Type & 0xff) != NewGeneration
                && message.Body.Length > FamilyHeaderLength
                && (NftablesFamily)message.Body.Span[0] is NftablesFamily.Inet or NftablesFamily.NetDevice
                && NetlinkAttribute.Find(message.Body[FamilyHeaderLength..], TableName)?.Text == table)
            {
                writers.Add(message.Port);
            }
        });
        return new TableChanges(writers.Count, isComplete);
    }

    public void Dispose() => _socket.Dispose();
}
