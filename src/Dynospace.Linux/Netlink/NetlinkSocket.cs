// Netlink: the netlink protocol: requests, attributes, dumps and errors.

using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynospace.Linux.Netlink;

/// <summary>
/// A netlink socket, in the network namespace of the thread that opened it. For one thread at a time.
/// </summary>
public sealed partial class NetlinkSocket : IDisposable
{
    public const int Route = 0;
    public const int Ipsec = 6;
    public const int Netfilter = 12;

    private const int NetlinkFamily = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int SocketLevel = 1;
    private const int ForcedReceiveBuffer = 33;
    private const int NetlinkLevel = 270;
    private const int ShortErrors = 10;
    private const int ErrorMessages = 11;
    private const int ErrorType = 2;
    private const int DoneType = 3;
    private const int HeaderLength = 16;
    private const ushort RequestFlag = 1;
    private const ushort AcknowledgeFlag = 4;
    private const ushort InterruptedFlag = 0x10;
    private const ushort HasAttributesFlag = 0x200;
    private const ushort DumpFlags = 0x300;
    private const int ErrorMessage = 1;
    private const int MostDumps = 100;

    /// <summary>Small enough that all answers fit into the receive buffer.</summary>
    private const int BatchSize = 64;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private uint _sequence;
    private bool _isInterrupted;

    /// <param name="protocol">The subsystem.</param>
    /// <param name="groups">The notifications to get, as a mask.</param>
    /// <exception cref="SocketException">The kernel refuses it.</exception>
    public NetlinkSocket(int protocol, uint groups = 0)
    {
        var handle = OpenSocket(NetlinkFamily, RawCloseOnExec, protocol);
        if (handle < 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        // .NET knows no netlink addresses, but sends to and receives from a socket that is bound.
        Span<byte> address = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(address, NetlinkFamily);
        BinaryPrimitives.WriteUInt32LittleEndian(address[8..], groups);
        if (Bind(handle, address, address.Length) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            new SafeSocketHandle(handle, ownsHandle: true).Dispose();
            throw new SocketException(error);
        }

        _socket = new Socket(new SafeSocketHandle(handle, ownsHandle: true)) { ReceiveTimeout = 10_000 };
        // Best effort, as the kernel is new enough: errors come with the reason as text and without the request.
        var isOn = 1;
        _ = SetOption(handle, NetlinkLevel, ShortErrors, ref isOn, sizeof(int));
        _ = SetOption(handle, NetlinkLevel, ErrorMessages, ref isOn, sizeof(int));
        if (groups != 0)
        {
            // Best effort: without it an overrun is reported and leads to a full comparison.
            var size = 8 * 1024 * 1024;
            _ = SetOption(handle, SocketLevel, ForcedReceiveBuffer, ref size, sizeof(int));
        }
    }

    /// <summary>Sends a request that changes something, and waits until it has.</summary>
    /// <param name="flags">What else the request says, such as that it creates.</param>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    public void Change(ushort type, ushort flags, ReadOnlySpan<byte> body) =>
        Request(type, (ushort)(RequestFlag | AcknowledgeFlag | flags), body, _ => { });

    /// <summary>Sends a request that deletes something, and waits until it has. No error if it is gone.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    public void Delete(ushort type, ReadOnlySpan<byte> body)
    {
        try
        {
            Change(type, 0, body);
        }
        catch (NetlinkException e) when (e.IsMissing)
        {
            // It is gone.
        }
    }

    /// <summary>Sends many requests that delete something, and waits for their results.</summary>
    /// <returns>The number of deleted items; an item that is already gone is not an error.</returns>
    /// <exception cref="NetlinkException">The kernel refuses one request; the others are carried out.</exception>
    public int DeleteAll(ushort type, IEnumerable<ReadOnlyMemory<byte>> bodies)
    {
        var deleted = 0;
        NetlinkException? failure = null;
        foreach (var batch in bodies.Chunk(BatchSize))
        {
            var first = _sequence + 1;
            var requests = new byte[batch.Sum(body => LengthOf(body.Span))];
            var rest = requests.AsSpan();
            foreach (var body in batch)
            {
                _sequence++;
                rest = Write(rest, type, RequestFlag | AcknowledgeFlag, body.Span);
            }

            _socket.Send(requests);
            for (var waiting = batch.Length; waiting > 0;)
            {
                var length = _socket.Receive(_buffer);
                ForEach(_buffer.AsMemory(0, length), message =>
                {
                    if (message.Type == ErrorType && message.Sequence - first < batch.Length)
                    {
                        waiting--;
                        var error = ErrorOf(message);
                        deleted += error is null ? 1 : 0;
                        failure ??= error is { IsMissing: false } ? error : null;
                    }

                    return true;
                });
            }
        }

        return failure is null ? deleted : throw failure;
    }

    /// <summary>
    /// Everything of a kind, as it was at one time: a listing during which something changed is made again.
    /// </summary>
    /// <param name="read">What a message says; null for what is not of interest.</param>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    public IReadOnlyList<T> Dump<T>(ushort type, ReadOnlySpan<byte> body, Func<NetlinkMessage, T?> read)
        where T : class
    {
        for (var i = 1; ; i++)
        {
            var found = new List<T>();
            Request(type, RequestFlag | DumpFlags, body, message =>
            {
                if (read(message) is { } item)
                {
                    found.Add(item);
                }
            });
            if (!_isInterrupted || i == MostDumps)
            {
                return found;
            }
        }
    }

    /// <summary>Sends a request and gives every message of the answer.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    public void Request(ushort type, ushort flags, ReadOnlySpan<byte> body, Action<NetlinkMessage> onMessage)
    {
        _isInterrupted = false;
        _sequence++;
        var message = new byte[LengthOf(body)];
        Write(message, type, flags, body);
        _socket.Send(message);
        while (!ReceiveAnswer(onMessage))
        {
        }
    }

    /// <summary>Sends several requests at once, and waits until one of them is acknowledged.</summary>
    /// <exception cref="NetlinkException">The kernel refuses one.</exception>
    public void Send(IReadOnlyCollection<NetlinkRequest> requests)
    {
        // All requests have the same number, so an error of any of them is an answer.
        _sequence++;
        var messages = new byte[requests.Sum(request => LengthOf(request.Body.Bytes))];
        var rest = messages.AsSpan();
        foreach (var request in requests)
        {
            var flags = request.Flags | RequestFlag | (request.IsAcknowledged ? AcknowledgeFlag : 0);
            rest = Write(rest, request.Type, (ushort)flags, request.Body.Bytes);
        }

        _socket.Send(messages);
        while (!ReceiveAnswer(_ => { }))
        {
        }
    }

    /// <summary>Whether a message waits.</summary>
    public bool Poll(TimeSpan atMost) => _socket.Poll(atMost, SelectMode.SelectRead);

    /// <summary>Gives every message that waits.</summary>
    /// <returns>False if the kernel had to drop some.</returns>
    public bool Drain(Action<NetlinkMessage> onMessage)
    {
        var isComplete = true;
        while (_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
        {
            try
            {
                var length = _socket.Receive(_buffer);
                ForEach(_buffer.AsMemory(0, length), message =>
                {
                    onMessage(message);
                    return true;
                });
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                isComplete = false;
            }
        }

        return isComplete;
    }

    public void Dispose() => _socket.Dispose();

    private static int LengthOf(ReadOnlySpan<byte> body) => HeaderLength + NetlinkAttribute.Aligned(body.Length);

    /// <returns>What remains after the message.</returns>
    private Span<byte> Write(Span<byte> message, ushort type, ushort flags, ReadOnlySpan<byte> body)
    {
        BinaryPrimitives.WriteInt32LittleEndian(message, HeaderLength + body.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(message[6..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], _sequence);
        body.CopyTo(message[HeaderLength..]);
        return message[LengthOf(body)..];
    }

    /// <summary>Whether the answer is complete.</summary>
    private bool ReceiveAnswer(Action<NetlinkMessage> onMessage)
    {
        var length = _socket.Receive(_buffer);
        var isDone = false;
        ForEach(_buffer.AsMemory(0, length), message =>
        {
            // An answer to a request that was given up before.
            if (message.Sequence != _sequence)
            {
                return true;
            }

            _isInterrupted |= (message.Flags & InterruptedFlag) != 0;
            switch (message.Type)
            {
                case ErrorType:
                    isDone = true;
                    return ErrorOf(message) is { } error ? throw error : false;
                case DoneType:
                    isDone = true;
                    return false;
                default:
                    onMessage(message);
                    return true;
            }
        });
        return isDone;
    }

    /// <summary>Null for an acknowledgement.</summary>
    private static NetlinkException? ErrorOf(NetlinkMessage message) =>
        -BinaryPrimitives.ReadInt32LittleEndian(message.Body.Span) is var error and not 0
            ? new NetlinkException(error, Reason(message))
            : null;

    /// <summary>What the kernel says about an error, besides its number.</summary>
    private static string? Reason(NetlinkMessage message) => (message.Flags & HasAttributesFlag) != 0
        ? NetlinkAttribute.Find(message.Body[(sizeof(int) + HeaderLength)..], ErrorMessage)?.Text
        : null;

    private static void ForEach(ReadOnlyMemory<byte> bytes, Func<NetlinkMessage, bool> onMessage)
    {
        while (bytes.Length >= HeaderLength)
        {
            var header = bytes.Span;
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length < HeaderLength || length > bytes.Length)
            {
                return;
            }

            var message = new NetlinkMessage(
                BinaryPrimitives.ReadUInt16LittleEndian(header[4..]),
                BinaryPrimitives.ReadUInt16LittleEndian(header[6..]),
                BinaryPrimitives.ReadUInt32LittleEndian(header[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(header[12..]),
                bytes[HeaderLength..length]);
            if (!onMessage(message))
            {
                return;
            }

            bytes = bytes[Math.Min(NetlinkAttribute.Aligned(length), bytes.Length)..];
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int socket, int level, int name, ref int value, int length);
}

/// <summary>The kernel refused a request.</summary>
internal sealed class NetlinkException : SocketException
{
    private const int NotPermitted = 1;
    private const int NoSuchEntry = 2;
    private const int NoSuchProcess = 3;
    private const int Exists = 17;
    private const int NoSuchDevice = 19;
    private const int NotSupported = 95;
    private const int AddressNotAvailable = 99;

    /// <param name="error">The number of the error.</param>
    /// <param name="reason">What the kernel says besides.</param>
    public NetlinkException(int error, string? reason)
        : base(error, Marshal.GetPInvokeErrorMessage(error) + (reason is { Length: > 0 } ? $": {reason}" : ""))
    {
    }

    /// <summary>Whether what the request creates is there already.</summary>
    public bool IsExisting => NativeErrorCode == Exists;

    /// <summary>Whether what the request names is not there: each subsystem has a number of its own for that.</summary>
    public bool IsMissing => NativeErrorCode is NoSuchEntry or NoSuchProcess or NoSuchDevice or AddressNotAvailable;

    /// <summary>Whether this process may not do it.</summary>
    public bool IsForbidden => NativeErrorCode == NotPermitted;

    /// <summary>Whether the kernel has not been built with it, or a module is missing.</summary>
    public bool IsUnsupported => NativeErrorCode == NotSupported;
}

/// <summary>One of several requests that are sent at once.</summary>
/// <param name="IsAcknowledged">Whether the kernel also answers if it accepts the request.</param>
public sealed record NetlinkRequest(ushort Type, ushort Flags, NetlinkBody Body, bool IsAcknowledged = false);

/// <summary>A message of the kernel.</summary>
/// <param name="Type">The subsystem and what it says.</param>
/// <param name="Flags">Whether others follow, and what an error has.</param>
/// <param name="Sequence">The number of the request.</param>
/// <param name="Port">The socket that caused it.</param>
/// <param name="Body">What follows the header; valid until the next receive.</param>
public readonly record struct NetlinkMessage(
    ushort Type, ushort Flags, uint Sequence, uint Port, ReadOnlyMemory<byte> Body);

/// <summary>
/// An attribute: a type and bytes, which may be attributes themselves. All in the machine's byte order.
/// </summary>
public readonly record struct NetlinkAttribute(int Type, ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> Raw)
{
    public string Text => Encoding.UTF8.GetString(Value.Span.TrimEnd((byte)0));

    public byte Byte => Value.Span[0];

    public ushort UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(Value.Span);

    public uint UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(Value.Span);

    public int Int32 => BinaryPrimitives.ReadInt32LittleEndian(Value.Span);

    public IPAddress Address => new(Value.Span);

    public PhysicalAddress Mac => new(Value.ToArray());

    public ushort NetworkUInt16 => BinaryPrimitives.ReadUInt16BigEndian(Value.Span);

    public static int Aligned(int length) => (length + 3) & ~3;

    public static NetlinkAttributes ReadAll(ReadOnlyMemory<byte> bytes) => new(bytes);

    public static NetlinkAttribute? Find(ReadOnlyMemory<byte> bytes, int type)
    {
        foreach (var attribute in ReadAll(bytes))
        {
            if (attribute.Type == type)
            {
                return attribute;
            }
        }

        return null;
    }
}

/// <summary>Attributes one after another, read without an allocation: a dump has hundreds of thousands.</summary>
public struct NetlinkAttributes(ReadOnlyMemory<byte> bytes)
{
    private const int HeaderLength = 4;
    private const int TypeMask = 0x3fff;

    private ReadOnlyMemory<byte> _rest = bytes;

    public NetlinkAttribute Current { get; private set; }

    public readonly NetlinkAttributes GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < HeaderLength)
        {
            return false;
        }

        var header = _rest.Span;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(header);
        if (length < HeaderLength || length > _rest.Length)
        {
            return false;
        }

        var padded = Math.Min(NetlinkAttribute.Aligned(length), _rest.Length);
        Current = new NetlinkAttribute(
            BinaryPrimitives.ReadUInt16LittleEndian(header[2..]) & TypeMask,
            _rest[HeaderLength..length],
            _rest[..padded]);
        _rest = _rest[padded..];
        return true;
    }
}
