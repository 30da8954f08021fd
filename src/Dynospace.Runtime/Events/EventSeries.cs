using System.Globalization;

namespace Dynospace.Runtime.Events;

/// <summary>Recognises repeats, so that what happens a thousand times is one event with a count. Not for several threads.</summary>
internal sealed class EventSeries(EventRecorderOptions options)
{
    /// <summary>Names must stay below 253 characters with the suffix.</summary>
    private const int LongestPrefix = 200;

    private readonly Dictionary<(string, EventType, string, string), Known> _known = [];
    private long _sequence;

    public EventWrite Add(PendingEvent pending, int times, DateTimeOffset now)
    {
        var isRepeat = _known.TryGetValue(pending.Identity, out var known) && now - known.LastSeen <= options.RepeatWindow;
        if (!isRepeat)
        {
            known = new Known(NameOf(pending, now), 0, now, now);
            MakeRoom(now);
        }

        _known[pending.Identity] = known = known! with { Count = known.Count + times, LastSeen = now };
        return new EventWrite(known.Name, known.Count, known.FirstSeen, !isRepeat);
    }

    /// <summary>Forgets an event whose object is gone or was never made.</summary>
    public void Forget(PendingEvent pending) => _known.Remove(pending.Identity);

    private string NameOf(PendingEvent pending, DateTimeOffset now)
    {
        var name = pending.Regarding.Key.Name;
        var prefix = (name.Length > LongestPrefix ? name[..LongestPrefix] : name).TrimEnd('.', '-');
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}.{now.UtcTicks:x}{_sequence++ % 0x1000:x3}");
    }

    private void MakeRoom(DateTimeOffset now)
    {
        if (_known.Count < options.RememberedEvents)
        {
            return;
        }

        foreach (var (identity, _) in _known.Where(k => now - k.Value.LastSeen > options.RepeatWindow).ToList())
        {
            _known.Remove(identity);
        }

        if (_known.Count >= options.RememberedEvents)
        {
            _known.Clear();
        }
    }

    private sealed record Known(string Name, int Count, DateTimeOffset FirstSeen, DateTimeOffset LastSeen);
}
