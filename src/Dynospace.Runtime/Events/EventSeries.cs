using System.Globalization;
using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Events;

/// <summary>An event that was recorded and not written yet.</summary>
internal sealed record PendingEvent(OwnerIdentity Regarding, EventType Type, string Reason, string Message)
{
    /// <summary>What makes two events repeats of each other.</summary>
    public (string Uid, EventType Type, string Reason, string Message) Identity =>
        (Regarding.Uid, Type, Reason, Message);
}

/// <summary>The write that an event needs.</summary>
/// <param name="Name">The event object's name.</param>
/// <param name="Count">How often it has happened.</param>
/// <param name="FirstSeen">When it happened first.</param>
/// <param name="IsNew">Whether the object must be created; otherwise its count and time are updated.</param>
internal sealed record EventWrite(string Name, int Count, DateTimeOffset FirstSeen, bool IsNew);

/// <summary>
/// Recognises repeats, so that something that happens a thousand times is one event with a count. Not thread-safe.
/// </summary>
internal sealed class EventSeries(EventRecorderOptions options)
{
    /// <summary>Names must stay below 253 characters with the suffix.</summary>
    private const int LongestPrefix = 200;

    private readonly Dictionary<(string, EventType, string, string), Known> _known = [];
    private long _sequence;

    public EventWrite Add(PendingEvent pending, int times, DateTimeOffset now)
    {
        var isRepeat = _known.TryGetValue(
            pending.Identity, out var known) && now - known.LastSeen <= options.RepeatWindow;
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

/// <summary>
/// Pure: events as objects of the core group. Its counts show in both <c>kubectl describe</c> and <c>kubectl
/// events</c>, and its times are whole seconds, so no MicroTime is needed.
/// </summary>
internal static class EventContent
{
    /// <summary>Where clients look for events about cluster-scoped objects.</summary>
    private const string NamespaceOfClusterScoped = "default";

    public static ResourceKind Kind { get; } = new("", "v1", "events", "Event", IsNamespaced: true);

    public static ObjectKey KeyOf(PendingEvent pending, EventWrite write) =>
        new(pending.Regarding.Key.Namespace ?? NamespaceOfClusterScoped, write.Name);

    public static JsonObject Whole(
        PendingEvent pending, EventWrite write, EventRecorderOptions options, DateTimeOffset now)
    {
        var key = KeyOf(pending, write);
        var regarding = pending.Regarding;
        var involved = new JsonObject
        {
            ["apiVersion"] = regarding.Kind.ApiVersion,
            ["kind"] = regarding.Kind.Kind,
            ["name"] = regarding.Key.Name,
            ["uid"] = regarding.Uid,
        };
        if (regarding.Key.Namespace is not null)
        {
            involved["namespace"] = regarding.Key.Namespace;
        }

        return new JsonObject
        {
            ["apiVersion"] = Kind.ApiVersion,
            ["kind"] = Kind.Kind,
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
            ["involvedObject"] = involved,
            ["type"] = pending.Type.ToString(),
            ["reason"] = pending.Reason,
            ["message"] = pending.Message,
            ["source"] = new JsonObject { ["component"] = options.Component },
            ["reportingComponent"] = options.Component,
            ["reportingInstance"] = options.Instance,
            ["firstTimestamp"] = Seconds(write.FirstSeen),
            ["lastTimestamp"] = Seconds(now),
            ["count"] = write.Count,
        };
    }

    public static JsonObject Repeat(EventWrite write, DateTimeOffset now) => new()
    {
        ["count"] = write.Count,
        ["lastTimestamp"] = Seconds(now),
    };

    private static string Seconds(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
