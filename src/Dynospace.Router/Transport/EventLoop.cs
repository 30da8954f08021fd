// Transport: non-blocking sockets of clients and dynos. One thread for each processor handles their events.

using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Dynospace.Router.Transport;

/// <summary>The loops of this process, one for each processor. They run as long as the process.</summary>
internal static class EventLoops
{
    /// <summary>A single processor gets two loops, so that a TLS handshake does not delay all sockets.</summary>
    private const int Fewest = 2;

    private static readonly EventLoop[] All =
        [.. Enumerable.Range(1, Math.Max(Fewest, Environment.ProcessorCount)).Select(number => new EventLoop(number))];

    private static uint _next;

    /// <summary>Each loop in turn.</summary>
    public static EventLoop Next => All[Interlocked.Increment(ref _next) % (uint)All.Length];

    /// <summary>The loop whose thread this is; on another thread the next one.</summary>
    public static EventLoop Nearest => EventLoop.Current ?? Next;
}

/// <summary>
/// A thread that waits for the events of its sockets and runs the code that waited for them. That code must not block.
/// </summary>
internal sealed unsafe class EventLoop
{
    private const int MaxEvents = 512;
    private const ulong WakeUpKey = ulong.MaxValue;

    [ThreadStatic]
    private static EventLoop? _current;

    private readonly int _poll;
    private readonly int _wakeUp;
    private readonly SocketTable _sockets = new();
    private readonly ConcurrentQueue<LoopSocket> _deferred = new();

    public EventLoop(int number)
    {
        _poll = Opened(LinuxCalls.CreatePoll());
        _wakeUp = Opened(LinuxCalls.CreateWakeUp());
        _ = Opened(LinuxCalls.Watch(_poll, _wakeUp, PollEvents.In, WakeUpKey));
        new Thread(Run) { IsBackground = true, Name = $"sockets {number}" }.Start();
    }

    /// <summary>The loop whose thread this is; null on another thread.</summary>
    public static EventLoop? Current => _current;

    /// <summary>Registers a socket. Its events begin with <see cref="Watch"/>.</summary>
    /// <returns>The key that identifies the socket in events.</returns>
    public ulong Add(LoopSocket socket) => _sockets.Add(socket);

    /// <summary>Unregisters a socket before its descriptor is closed.</summary>
    public void Remove(ulong key) => _sockets.Remove(key);

    /// <summary>
    /// Reports what the socket is ready for now, and each change after that, until its descriptor is closed.
    /// </summary>
    public int Watch(int descriptor, ulong key) => LinuxCalls.Watch(
        _poll, descriptor, PollEvents.In | PollEvents.Out | PollEvents.PeerHungUp | PollEvents.EdgeTriggered, key);

    /// <summary>Lets a socket continue to read after those that have events.</summary>
    public void Defer(LoopSocket socket)
    {
        _deferred.Enqueue(socket);
        if (_current != this)
        {
            LinuxCalls.WakeUp(_wakeUp);
        }
    }

    private void Run()
    {
        const int Forever = -1;
        _current = this;
        var events = (byte*)NativeMemory.Alloc((nuint)(MaxEvents * PollEvents.Size));
        while (true)
        {
            var count = LinuxCalls.Wait(_poll, events, MaxEvents, _deferred.IsEmpty ? Forever : 0);
            for (var i = 0; i < count; i++)
            {
                var entry = events + (i * PollEvents.Size);
                Dispatch(PollEvents.KeyOf(entry), PollEvents.EventsOf(entry));
            }

            ContinueDeferred();
        }
    }

    private void Dispatch(ulong key, uint events)
    {
        if (key == WakeUpKey)
        {
            LinuxCalls.Clear(_wakeUp);
        }
        else
        {
            _sockets.Find(key)?.Happened(events);
        }
    }

    /// <summary>Sockets that are deferred in the meantime wait for the next turn.</summary>
    private void ContinueDeferred()
    {
        for (var left = _deferred.Count; left > 0 && _deferred.TryDequeue(out var socket); left--)
        {
            socket.Happened(PollEvents.In);
        }
    }

    private static int Opened(int result) => result >= 0 ? result : throw LinuxCalls.Exception(result);
}

/// <summary>
/// The sockets of a loop by the keys that the kernel returns with events. A key is used once, unlike a descriptor's
/// number: an event that was fetched before its socket was closed finds nothing, not the next socket.
/// </summary>
internal sealed class SocketTable
{
    private const int First = 64;
    private const int SlotBits = 32;

    /// <summary>One count for all loops, so that keys also identify connections.</summary>
    private static ulong _generation;

    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private LoopSocket?[] _slots = new LoopSocket?[First];
    private int _used;

    public ulong Add(LoopSocket socket)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out var slot))
            {
                slot = _used++;
            }

            if (slot == _slots.Length)
            {
                var larger = new LoopSocket?[2 * slot];
                _slots.CopyTo(larger, 0);
                Volatile.Write(ref _slots, larger);
            }

            Volatile.Write(ref _slots[slot], socket);
            return (Interlocked.Increment(ref _generation) << SlotBits) | (uint)slot;
        }
    }

    public void Remove(ulong key)
    {
        var slot = (int)(uint)key;
        lock (_lock)
        {
            _slots[slot] = null;
            _free.Push(slot);
        }
    }

    /// <summary>The socket with this key; null if it was closed.</summary>
    public LoopSocket? Find(ulong key)
    {
        var socket = Volatile.Read(ref Volatile.Read(ref _slots)[(uint)key]);
        return socket?.Key == key ? socket : null;
    }
}
