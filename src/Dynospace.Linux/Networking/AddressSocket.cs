using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dynospace.Linux.Networking;

/// <summary>What a machine on a link says about an address: ARP, or neighbour discovery of IPv6.</summary>
/// <param name="Address">The address that the message asks for or claims.</param>
/// <param name="IsQuestion">Whether it asks which machine has the address; otherwise the sender claims it.</param>
/// <param name="Sender">Its own address; null when it asks whether it may take the address.</param>
/// <param name="Mac">Its hardware address.</param>
public sealed record AddressMessage(IPAddress Address, bool IsQuestion, IPAddress? Sender, PhysicalAddress Mac);

/// <summary>
/// Receives and sends ARP and neighbour discovery on one link, in place of the kernel: unlike the kernel's answers,
/// those of a program end with the program. Needs the capability NET_RAW; opened in the network namespace of the
/// thread.
/// </summary>
public sealed partial class AddressSocket : IDisposable
{
    private const int PacketFamily = 17;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const int AddressLength = 20;
    private const int NextHeaderAt = 20;
    private const int TypeAt = 54;
    private const int IcmpV6 = 58;

    private readonly Socket _socket;
    private readonly int _link;
    private readonly AddressFamily _family;
    private readonly byte[] _buffer = new byte[2048];
    private readonly Dictionary<IPAddress, Socket> _joined = [];

    /// <param name="link">The index of the link.</param>
    /// <param name="family">IPv4 for ARP, IPv6 for neighbour discovery.</param>
    /// <exception cref="SocketException">The kernel refuses it.</exception>
    public AddressSocket(int link, AddressFamily family)
    {
        (_link, _family) = (link, family);
        var handle = OpenSocket(PacketFamily, RawCloseOnExec, 0);
        if (handle < 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        try
        {
            if (family == AddressFamily.InterNetworkV6)
            {
                Filter(handle);
            }

            Span<byte> address = stackalloc byte[AddressLength];
            address.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(address, PacketFamily);
            BinaryPrimitives.WriteUInt16BigEndian(
                address[2..], family == AddressFamily.InterNetwork ? LinkFrames.Arp : LinkFrames.Internet6);
            BinaryPrimitives.WriteInt32LittleEndian(address[4..], link);
            if (Bind(handle, address, AddressLength) != 0)
            {
                throw new SocketException(Marshal.GetLastPInvokeError());
            }
        }
        catch
        {
            new SafeSocketHandle(handle, ownsHandle: true).Dispose();
            throw;
        }

        _socket = new Socket(new SafeSocketHandle(handle, ownsHandle: true));
    }

    /// <summary>Why this process may not open such sockets; null if it may.</summary>
    public static string? WhyNot()
    {
        var handle = OpenSocket(PacketFamily, RawCloseOnExec, 0);
        if (handle < 0)
        {
            return Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        }

        new SafeSocketHandle(handle, ownsHandle: true).Dispose();
        return null;
    }

    /// <summary>
    /// Receives questions for these IPv6 addresses, and no longer for others; those for IPv4 are broadcast.
    /// </summary>
    public void Join(IReadOnlyCollection<IPAddress> addresses)
    {
        foreach (var (address, socket) in _joined.Where(item => !addresses.Contains(item.Key)).ToList())
        {
            socket.Dispose();
            _joined.Remove(address);
        }

        foreach (var address in addresses.Where(address =>
            address.AddressFamily == AddressFamily.InterNetworkV6 && !_joined.ContainsKey(address)))
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            _joined[address] = socket;
            socket.SetSocketOption(
                SocketOptionLevel.IPv6, SocketOptionName.AddMembership,
                new IPv6MulticastOption(LinkFrames.SolicitedNode(address), _link));
        }
    }

    /// <summary>Whether a message waits.</summary>
    public bool Poll(TimeSpan atMost) => _socket.Poll(atMost, SelectMode.SelectRead);

    /// <summary>The next message; null if the next frame is something else.</summary>
    /// <exception cref="SocketException">The link is down, for example.</exception>
    public AddressMessage? Receive()
    {
        var length = _socket.Receive(_buffer);
        var frame = _buffer.AsSpan(0, length);
        return _family == AddressFamily.InterNetwork ? LinkFrames.ReadArp(frame) : LinkFrames.ReadDiscovery(frame);
    }

    /// <summary>Answers a question.</summary>
    /// <param name="mac">The hardware address of this machine on the link.</param>
    /// <exception cref="SocketException">The kernel refuses it.</exception>
    public void Answer(AddressMessage question, PhysicalAddress mac) =>
        _socket.Send(LinkFrames.Answer(question, mac));

    /// <summary>Asks whether a machine has an address, without having an address itself.</summary>
    /// <param name="mac">The hardware address of this machine on the link.</param>
    /// <exception cref="SocketException">The kernel refuses it.</exception>
    public void Probe(IPAddress address, PhysicalAddress mac) => _socket.Send(LinkFrames.Probe(address, mac));

    /// <summary>Announces that an address is at a hardware address now.</summary>
    /// <param name="mac">The hardware address of this machine on the link.</param>
    /// <exception cref="SocketException">The kernel refuses it.</exception>
    public void Announce(IPAddress address, PhysicalAddress mac)
    {
        foreach (var frame in LinkFrames.Announcement(address, mac))
        {
            _socket.Send(frame);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Join([]);
        _socket.Dispose();
    }

    /// <summary>Without it every packet of the link would come here.</summary>
    private static unsafe void Filter(int handle)
    {
        ReadOnlySpan<Instruction> program =
        [
            // Load a byte; go on if it is equal.
            new(0x30, 0, 0, NextHeaderAt), new(0x15, 0, 4, IcmpV6),
            new(0x30, 0, 0, TypeAt), new(0x15, 1, 0, LinkFrames.Solicitation),
            new(0x15, 0, 1, LinkFrames.Advertisement),
            new(0x06, 0, 0, 0xffff), new(0x06, 0, 0, 0),
        ];
        fixed (Instruction* first = program)
        {
            var filter = new Program((ushort)program.Length, (nint)first);
            if (SetOption(handle, SocketLevel, AttachFilter, ref filter, sizeof(Program)) != 0)
            {
                throw new SocketException(Marshal.GetLastPInvokeError());
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int socket, int level, int name, ref Program value, int length);

    /// <summary>An instruction of the kernel's packet filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte ifTrue, byte ifFalse, uint value)
    {
        private readonly ushort _code = code;
        private readonly byte _ifTrue = ifTrue;
        private readonly byte _ifFalse = ifFalse;
        private readonly uint _value = value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Program(ushort length, nint first)
    {
        private readonly ushort _length = length;
        private readonly nint _first = first;
    }
}
