using System.Collections.Concurrent;

namespace Dynospace.Router.Logging;

/// <summary>
/// The recent lines of each app's requests, kept in memory for the app's users. A line causes no allocation once the
/// app's buffer has its full size.
/// </summary>
/// <param name="clock">States the time of each line.</param>
/// <param name="mostApps">
/// How many apps have lines; beyond that, the app that was silent longest loses its lines.
/// </param>
public sealed class RecentLines(TimeProvider clock, int mostApps = RecentLines.MostApps)
{
    /// <summary>With <see cref="AppLines.MostBytes"/> each, a quarter of a router's memory limit.</summary>
    private const int MostApps = 2_000;

    private readonly ConcurrentDictionary<(string Space, string App), AppLines> _apps = new();
    private long _sequence;

    /// <summary>Distinguishes this process from all other routers, including its predecessors.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N")[..12];

    /// <summary>The number of the last line of any app.</summary>
    public long Sequence => Interlocked.Read(ref _sequence);

    /// <summary>Keeps a line, given without its line end.</summary>
    public void Append(string space, string app, ReadOnlySpan<byte> line)
    {
        var now = clock.GetUtcNow().UtcTicks;
        if (!_apps.TryGetValue((space, app), out var lines))
        {
            // Only here: a closure would be allocated for every line, also for those of known apps.
            lines = _apps.GetOrAdd((space, app), static (_, time) => new AppLines(time), now);
            MakeRoom();
        }

        lines.Append(ref _sequence, now, line);
    }

    /// <summary>The kept lines of an app after a number, oldest first.</summary>
    public IReadOnlyList<RecentLine> After(string space, string app, long sequence) =>
        _apps.TryGetValue((space, app), out var lines) ? lines.After(sequence) : [];

    private void MakeRoom()
    {
        while (_apps.Count > mostApps
            && _apps.MinBy(entry => entry.Value.LastWritten) is { Value: not null } silent)
        {
            _apps.TryRemove(silent);
        }
    }
}

/// <summary>A kept line.</summary>
/// <param name="Sequence">The line's number, which grows with each line of the process.</param>
/// <param name="Ticks">Its time in ticks, UTC.</param>
public readonly record struct RecentLine(long Sequence, long Ticks, byte[] Text);

/// <summary>A ring buffer with the lines of one app.</summary>
/// <param name="now">Counts as the time of the last line, in ticks, until there is one.</param>
internal sealed class AppLines(long now)
{
    /// <summary>Some four hundred lines.</summary>
    public const int MostBytes = 128 * 1024;

    private const int FirstBytes = 4 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Entry> _entries = new();
    private byte[] _ring = new byte[FirstBytes];
    private long _written;

    /// <summary>The time of the last line, in ticks.</summary>
    public long LastWritten { get; private set; } = now;

    /// <param name="sequence">The number of the last line of any app; this line gets the next one.</param>
    public void Append(ref long sequence, long ticks, ReadOnlySpan<byte> line)
    {
        if (line.Length > MostBytes)
        {
            line = line[..MostBytes];
        }

        lock (_lock)
        {
            Fit(line.Length);
            Write(_ring, _written, line);
            // Numbered inside the lock, so that an app's lines are in the order of their numbers.
            _entries.Enqueue(new(Interlocked.Increment(ref sequence), ticks, _written, line.Length));
            _written += line.Length;
            LastWritten = ticks;
        }
    }

    public IReadOnlyList<RecentLine> After(long sequence)
    {
        lock (_lock)
        {
            List<RecentLine> lines = [];
            foreach (var entry in _entries)
            {
                if (entry.Sequence > sequence)
                {
                    lines.Add(new(entry.Sequence, entry.Ticks, TextOf(entry)));
                }
            }

            return lines;
        }
    }

    /// <summary>Makes room for a line: grows the ring up to its limit, then drops the oldest lines.</summary>
    private void Fit(int length)
    {
        var used = _entries.TryPeek(out var oldest) ? (int)(_written - oldest.Start) : 0;
        if (used + length > _ring.Length && _ring.Length < MostBytes)
        {
            Grow(Math.Min(MostBytes, Math.Max(_ring.Length * 2, used + length)));
        }

        while (used + length > _ring.Length)
        {
            used -= _entries.Dequeue().Length;
        }
    }

    private void Grow(int size)
    {
        var grown = new byte[size];
        foreach (var entry in _entries)
        {
            // A line keeps its offset in the count of all bytes, which is another position in a larger ring.
            Write(grown, entry.Start, TextOf(entry));
        }

        _ring = grown;
    }

    private static void Write(byte[] ring, long start, ReadOnlySpan<byte> text)
    {
        var at = (int)(start % ring.Length);
        var first = Math.Min(text.Length, ring.Length - at);
        text[..first].CopyTo(ring.AsSpan(at));
        text[first..].CopyTo(ring);
    }

    private byte[] TextOf(Entry entry)
    {
        var text = new byte[entry.Length];
        var at = (int)(entry.Start % _ring.Length);
        var first = Math.Min(entry.Length, _ring.Length - at);
        _ring.AsSpan(at, first).CopyTo(text);
        _ring.AsSpan(0, entry.Length - first).CopyTo(text.AsSpan(first));
        return text;
    }

    private readonly record struct Entry(long Sequence, long Ticks, long Start, int Length);
}
