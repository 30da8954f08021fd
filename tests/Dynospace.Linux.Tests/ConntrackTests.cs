using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Filtering;

namespace Dynospace.Linux.Tests;

/// <summary>Connections of a namespace to itself.</summary>
public sealed class ConntrackTests
{
    /// <summary>More than one batch of deletions.</summary>
    private const int Count = 150;

    private static readonly IPAddress[] Loopbacks = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    [Fact]
    public void Connections_that_must_end_are_forgotten_and_no_other()
    {
        using var place = new Place();
        using var conntrack = Track(place);
        Connect(place, 4000, Count);
        Connect(place, 5000, Count);
        var asked = new List<ConnectionTarget>();

        var deleted = conntrack.DeleteWhere(target =>
        {
            asked.Add(target);
            return target is { Protocol: 17, Port: 4000 };
        });

        Assert.Equal(2 * Count, deleted);
        Assert.DoesNotContain(conntrack.List(), connection => connection.Port == 4000);
        Assert.Equal(2 * Count, conntrack.List().Count(connection => connection.Port == 5000));
        // Connections that differ only in the source port are judged once.
        Assert.Equal(
            [
                .. Loopbacks.Select(address => new ConnectionTarget(address, address, 17, 4000)),
                .. Loopbacks.Select(address => new ConnectionTarget(address, address, 17, 5000)),
            ],
            asked.Where(target => target.Protocol == 17)
                .OrderBy(target => target.Port).ThenBy(target => target.Source.AddressFamily));
        Assert.Equal(0, conntrack.DeleteWhere(target => target.Port == 4000));
    }

    /// <summary>Another program may delete it first.</summary>
    [Fact]
    public void A_connection_that_is_gone_before_it_is_deleted_is_no_error()
    {
        using var place = new Place();
        using var conntrack = Track(place);
        using var other = place.Namespace.Run(() => new ConntrackSocket());
        Connect(place, 4000, 3);
        var all = conntrack.List();

        var deleted = conntrack.DeleteWhere(target =>
        {
            foreach (var connection in other.List().Where(item => item.Port == 4000))
            {
                other.Delete(connection);
            }

            return target.Port == 4000;
        });

        Assert.Equal(6, all.Count(connection => connection.Port == 4000));
        Assert.Equal(0, deleted);
    }

    private static ConntrackSocket Track(Place place) => place.Namespace.Run(() =>
    {
        using var nftables = new NftablesLibrary();
        nftables.Run("table inet t { chain c { type filter hook output priority 0; ct state established accept; }; }");
        return new ConntrackSocket();
    });

    private static void Connect(Place place, int port, int count) => place.Namespace.Run(() =>
    {
        foreach (var address in Loopbacks)
        {
            for (var i = 0; i < count; i++)
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(address, 10_000 + i));
                socket.SendTo([1], new IPEndPoint(address, port));
            }
        }
    });
}
