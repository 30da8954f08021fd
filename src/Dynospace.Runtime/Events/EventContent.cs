using System.Globalization;
using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Events;

/// <summary>
/// Pure: events as objects. They are of the core group: its counts show in <c>kubectl describe</c> and <c>kubectl events</c> alike, and its
/// times are whole seconds, so that no MicroTime is needed.
/// </summary>
internal static class EventContent
{
    /// <summary>Events about cluster-scoped objects are looked for here.</summary>
    private const string NamespaceOfClusterScoped = "default";

    public static ResourceKind Kind { get; } = new("", "v1", "events", "Event", IsNamespaced: true);

    public static ObjectKey KeyOf(PendingEvent pending, EventWrite write) =>
        new(pending.Regarding.Key.Namespace ?? NamespaceOfClusterScoped, write.Name);

    public static JsonObject Whole(PendingEvent pending, EventWrite write, EventRecorderOptions options, DateTimeOffset now)
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
