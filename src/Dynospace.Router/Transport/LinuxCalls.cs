using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dynospace.Router.Transport;

/// <summary>
/// The system calls for sockets that never block, with the constants of Linux on x64 and arm64. Each returns what the
/// kernel returns, or the negative error number.
/// </summary>
internal static unsafe partial class LinuxCalls
{
    /// <summary>EBADF: the socket was closed here.</summary>
    public const int NotOpen = -9;

    /// <summary>EAGAIN.</summary>
    public const int WouldBlock = -11;

    /// <summary>EPIPE: the connection was reset, and that was reported before.</summary>
    public const int BrokenPipe = -32;

    /// <summary>ECONNABORTED: a connection ended before it was accepted.</summary>
    public const int Aborted = -103;

    /// <summary>ECONNRESET.</summary>
    public const int Reset = -104;

    /// <summary>EINPROGRESS: an event reports the end of connecting.</summary>
    public const int InProgress = -115;

    private const int Interrupted = -4;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int NoSignal = 0x4000;
    private const int More = 0x8000;
    private const int SocketLevel = 1;
    private const int TcpLevel = 6;

    public static int OpenTcp(AddressFamily family)
    {
        const int Internet = 2;
        const int InternetV6 = 10;
        return Checked(socket(
            family == AddressFamily.InterNetworkV6 ? InternetV6 : Internet, 1 | NonBlocking | CloseOnExec, 0));
    }

    /// <param name="address">Receives the peer's address.</param>
    /// <param name="length">The length of the address.</param>
    public static int Accept(int listener, Span<byte> address, out int length)
    {
        fixed (byte* bytes = address)
        {
            int result;
            do
            {
                length = address.Length;
                result = Checked(accept4(listener, bytes, ref length, NonBlocking | CloseOnExec));
            }
            while (result == Interrupted);
            return result;
        }
    }

    public static int Connect(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            // An interrupted connect goes on in the background.
            var result = Checked(connect(descriptor, bytes, address.Length));
            return result == Interrupted ? InProgress : result;
        }
    }

    public static int Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            int result;
            do
            {
                result = Checked((int)recv(descriptor, bytes, (nuint)buffer.Length, 0));
            }
            while (result == Interrupted);
            return result;
        }
    }

    public static int Send(int descriptor, ReadOnlySpan<byte> buffer, bool hasMore)
    {
        fixed (byte* bytes = buffer)
        {
            int result;
            do
            {
                result = Checked(
                    (int)send(descriptor, bytes, (nuint)buffer.Length, hasMore ? NoSignal | More : NoSignal));
            }
            while (result == Interrupted);
            return result;
        }
    }

    public static int ShutDown(int descriptor, SocketShutdown direction) =>
        Checked(shutdown(descriptor, (int)direction));

    public static int SetNoDelay(int descriptor)
    {
        const int NoDelay = 1;
        var isOn = 1;
        return Checked(setsockopt(descriptor, TcpLevel, NoDelay, (byte*)&isOn, sizeof(int)));
    }

    /// <summary>Makes a close reset the connection.</summary>
    public static int SetReset(int descriptor)
    {
        const int Linger = 13;
        var atOnce = stackalloc int[] { 1, 0 };
        return Checked(setsockopt(descriptor, SocketLevel, Linger, (byte*)atOnce, 2 * sizeof(int)));
    }

    /// <summary>How connecting has ended: 0, or the negative error number.</summary>
    public static int ConnectResult(int descriptor)
    {
        const int Error = 4;
        int error = 0, length = sizeof(int);
        var result = Checked(getsockopt(descriptor, SocketLevel, Error, (byte*)&error, ref length));
        return result < 0 ? result : -error;
    }

    public static bool Close(int descriptor) => close(descriptor) == 0;

    public static int CreatePoll() => Checked(epoll_create1(CloseOnExec));

    public static int Watch(int poll, int descriptor, uint events, ulong key)
    {
        const int Add = 1;
        var entry = stackalloc byte[PollEvents.MaxSize];
        PollEvents.Write(entry, events, key);
        return Checked(epoll_ctl(poll, Add, descriptor, entry));
    }

    /// <param name="timeout">Milliseconds; -1 waits for an event.</param>
    public static int Wait(int poll, byte* events, int max, int timeout) =>
        Checked(epoll_wait(poll, events, max, timeout));

    /// <summary>A counter that can be watched like a socket.</summary>
    public static int CreateWakeUp() => Checked(eventfd(0, NonBlocking | CloseOnExec));

    public static void WakeUp(int descriptor)
    {
        var one = 1UL;
        _ = write(descriptor, (byte*)&one, sizeof(ulong));
    }

    public static void Clear(int descriptor)
    {
        ulong count;
        _ = read(descriptor, (byte*)&count, sizeof(ulong));
    }

    /// <summary>The exception for a negative error number.</summary>
    public static SocketException Exception(int result)
    {
        var error = -result switch
        {
            9 => SocketError.OperationAborted,
            12 or 105 => SocketError.NoBufferSpaceAvailable,
            13 => SocketError.AccessDenied,
            23 or 24 => SocketError.TooManyOpenSockets,
            32 => SocketError.Shutdown,
            97 => SocketError.AddressFamilyNotSupported,
            99 => SocketError.AddressNotAvailable,
            100 => SocketError.NetworkDown,
            101 => SocketError.NetworkUnreachable,
            103 => SocketError.ConnectionAborted,
            104 => SocketError.ConnectionReset,
            110 => SocketError.TimedOut,
            111 => SocketError.ConnectionRefused,
            112 => SocketError.HostDown,
            113 => SocketError.HostUnreachable,
            _ => SocketError.SocketError,
        };
        return error == SocketError.SocketError
            ? new((int)error, $"Error {-result} of the kernel")
            : new((int)error);
    }

    /// <summary>Reads the error number before another call can change it.</summary>
    private static int Checked(int result) => result >= 0 ? result : -Marshal.GetLastSystemError();

    [LibraryImport("libc")]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc")]
    private static partial int accept4(int descriptor, byte* address, ref int length, int flags);

    [LibraryImport("libc")]
    private static partial int connect(int descriptor, byte* address, int length);

    [LibraryImport("libc")]
    private static partial nint recv(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial nint send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int setsockopt(int descriptor, int level, int name, byte* value, int length);

    [LibraryImport("libc")]
    private static partial int getsockopt(int descriptor, int level, int name, byte* value, ref int length);

    [LibraryImport("libc")]
    private static partial int shutdown(int descriptor, int direction);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int poll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int poll, byte* events, int max, int timeout);

    [LibraryImport("libc")]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, byte* buffer, nuint length);
}

/// <summary>The kernel's <c>struct epoll_event</c>, which is packed on x86 alone.</summary>
internal static unsafe class PollEvents
{
    public const uint In = 1;
    public const uint Out = 4;

    /// <summary>EPOLLERR.</summary>
    public const uint Failed = 8;

    /// <summary>EPOLLHUP: both directions have ended.</summary>
    public const uint HungUp = 0x10;

    /// <summary>EPOLLRDHUP: the peer sends no more.</summary>
    public const uint PeerHungUp = 0x2000;

    public const uint EdgeTriggered = 1U << 31;

    public const int MaxSize = 16;

    private static readonly bool IsPacked =
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;

    public static int Size { get; } = IsPacked ? 12 : MaxSize;

    private static int KeyOffset { get; } = IsPacked ? 4 : 8;

    public static uint EventsOf(byte* entry) => *(uint*)entry;

    public static ulong KeyOf(byte* entry) => *(ulong*)(entry + KeyOffset);

    public static void Write(byte* entry, uint events, ulong key)
    {
        *(uint*)entry = events;
        *(ulong*)(entry + KeyOffset) = key;
    }
}
