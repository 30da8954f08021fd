using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Dynospace.Router.Transport;

/// <summary>
/// Is notified of a socket's events, on the thread of its loop. There may be notifications without a cause.
/// </summary>
internal interface ISocketEvents
{
    /// <summary>There may be bytes, an end or an error to receive.</summary>
    /// <param name="isHungUp">Whether the peer sends no more.</param>
    void OnReadable(bool isHungUp);

    /// <summary>There may be room to send, or an error.</summary>
    void OnWritable();
}

/// <summary>
/// A socket that never blocks. It alone has the number of its descriptor, and holds it during each call: the kernel
/// can give the number to another connection only when no call is under way and none can begin.
/// <para>Between threads: one may receive while another sends, and any may close it.</para>
/// </summary>
internal sealed class LoopSocket : SafeHandleMinusOneIsInvalid
{
    /// <summary>
    /// How often one socket may receive while the others wait. Bytes that arrive as fast as they are passed on would
    /// otherwise occupy the thread for ever.
    /// </summary>
    public const int MaxStreak = 16;

    private readonly EventLoop _loop;
    private readonly ISocketEvents _events;
    private volatile bool _isReadable;
    private volatile bool _isHungUp;
    private int _streak;
    private int _error;

    /// <summary>Takes over the descriptor.</summary>
    public LoopSocket(int descriptor, EventLoop loop, ISocketEvents events)
        : base(ownsHandle: true)
    {
        SetHandle(descriptor);
        (_loop, _events) = (loop, events);
        Key = loop.Add(this);
    }

    /// <summary>Identifies this socket in the events of its loop.</summary>
    public ulong Key { get; }

    /// <summary>Whether receiving may yield something.</summary>
    public bool IsReadable => _isReadable;

    /// <summary>Begins to get events.</summary>
    /// <exception cref="SocketException">The kernel has no memory for it.</exception>
    public void Begin()
    {
        var result = Call(static (socket, descriptor) => socket._loop.Watch(descriptor, socket.Key), this);
        if (result < 0)
        {
            throw LinuxCalls.Exception(result);
        }
    }

    /// <summary>Called by the loop.</summary>
    public void Happened(uint events)
    {
        const uint Broken = PollEvents.HungUp | PollEvents.Failed;
        const uint Ends = PollEvents.PeerHungUp | Broken;
        if ((events & (PollEvents.In | Ends)) != 0)
        {
            _streak = 0;
            _isHungUp |= (events & Ends) != 0;
            _isReadable = true;
            _events.OnReadable(_isHungUp);
        }

        if ((events & (PollEvents.Out | Broken)) != 0)
        {
            _events.OnWritable();
        }
    }

    /// <summary>
    /// Receives the bytes that have arrived. After <see cref="LinuxCalls.WouldBlock"/> an event follows when there are
    /// more. The kernel is not asked if the last call got less than it had room for: the socket was empty then.
    /// </summary>
    /// <returns>The count of bytes; 0 at the end; or a negative error number.</returns>
    public int Receive(Span<byte> buffer)
    {
        if (!_isReadable)
        {
            return IsClosed ? LinuxCalls.NotOpen : LinuxCalls.WouldBlock;
        }

        if (++_streak > MaxStreak)
        {
            _loop.Defer(this);
            return LinuxCalls.WouldBlock;
        }

        // Before the call: an event that comes during it counts for the next one.
        _isReadable = false;
        var count = Call(static (buffer, descriptor) => LinuxCalls.Receive(descriptor, buffer), buffer);
        if (count is LinuxCalls.WouldBlock or LinuxCalls.NotOpen)
        {
            return count;
        }

        if (count <= 0)
        {
            _isReadable = true;   // An end stays an end.
            return Ended(count);
        }

        if (count == buffer.Length || _isHungUp)
        {
            _isReadable = true;
        }

        return count;
    }

    /// <summary>Sends as much as the kernel takes. An event follows when it takes more again.</summary>
    /// <param name="hasMore">Whether more is sent at once, so that the kernel need not send a short packet.</param>
    /// <returns>The count of bytes, or a negative error number.</returns>
    public int Send(ReadOnlySpan<byte> buffer, bool hasMore)
    {
        var count = hasMore
            ? Call(static (buffer, descriptor) => LinuxCalls.Send(descriptor, buffer, hasMore: true), buffer)
            : Call(static (buffer, descriptor) => LinuxCalls.Send(descriptor, buffer, hasMore: false), buffer);
        return count >= 0 || count is LinuxCalls.WouldBlock or LinuxCalls.NotOpen ? count : Ended(count);
    }

    /// <summary>Makes a call with the descriptor.</summary>
    /// <returns>Its result, or a negative error number.</returns>
    public int Call<T>(Func<T, int, int> call, T state)
        where T : allows ref struct
    {
        var isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            return call(state, (int)handle);
        }
        catch (ObjectDisposedException)
        {
            return LinuxCalls.NotOpen;
        }
        finally
        {
            if (isHeld)
            {
                DangerousRelease();
            }
        }
    }

    /// <summary>Closes the connection by a reset, so that the peer does not mistake its bytes for a whole.</summary>
    public void Reset()
    {
        Call(static (_, descriptor) => LinuxCalls.SetReset(descriptor), 0);
        Dispose();
    }

    protected override bool ReleaseHandle()
    {
        _loop.Remove(Key);
        return LinuxCalls.Close((int)handle);
    }

    /// <summary>
    /// The kernel reports a reset to one call only. Without this, the next receive would be the end of a message that
    /// was cut off. A broken pipe does not count: the peer had ended its own sending before.
    /// </summary>
    private int Ended(int result)
    {
        if (result is < 0 and not LinuxCalls.BrokenPipe)
        {
            Interlocked.CompareExchange(ref _error, result, 0);
        }

        return Volatile.Read(ref _error) is < 0 and var error ? error : result;
    }
}
