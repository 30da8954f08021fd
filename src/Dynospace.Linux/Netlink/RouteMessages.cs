using System.Net.Sockets;

namespace Dynospace.Linux.Netlink;

/// <summary>Numbers that the subsystems of rtnetlink share.</summary>
public static class RouteMessages
{
    // A kind of object has four numbers: new, delete, get, set.
    public const ushort NewLink = 16;
    public const ushort DeleteLink = 17;
    public const ushort GetLink = 18;
    public const ushort NewAddress = 20;
    public const ushort DeleteAddress = 21;
    public const ushort GetAddress = 22;
    public const ushort NewRoute = 24;
    public const ushort DeleteRoute = 25;
    public const ushort GetRoute = 26;
    public const ushort NewNeighbour = 28;
    public const ushort DeleteNeighbour = 29;
    public const ushort GetNeighbour = 30;
    public const ushort NewRule = 32;
    public const ushort DeleteRule = 33;
    public const ushort GetRule = 34;

    public const ushort Replace = 0x100;
    public const ushort Exclusive = 0x200;
    public const ushort Create = 0x400;

    public const byte Internet4 = 2;
    public const byte Bridge = 7;
    public const byte Internet6 = 10;

    /// <summary>The kernel's number of a family, which differs from .NET's for IPv6.</summary>
    public static byte Family(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => Internet4,
        AddressFamily.InterNetworkV6 => Internet6,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "neither IPv4 nor IPv6"),
    };
}
