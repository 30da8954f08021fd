using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Controllers;

/// <summary>Writes events about objects: repetitions increase a count, and the rate is limited.</summary>
internal sealed class EventWriter(ControlPlaneContext cluster, string component, string? host)
{
    private const int RememberedEvents = 1000;

    private readonly ClusterWriter _writer = cluster.WriterFor(component);
    private readonly Dictionary<(string Uid, string Reason, string Message), ObjectKey> _written = [];
    private DateTimeOffset _refilled = cluster.Now;
    private double _budget = 2.0 * cluster.Options.EventsPerSecond;
    private long _serial;

    public void Normal(StoredObject about, string reason, string message, string? fieldPath = null) =>
        Record(about, "Normal", reason, message, fieldPath);

    public void Warning(StoredObject about, string reason, string message, string? fieldPath = null) =>
        Record(about, "Warning", reason, message, fieldPath);

    private void Record(StoredObject about, string type, string reason, string message, string? fieldPath)
    {
        if (!IsWithinBudget())
        {
            return;
        }

        if (_written.TryGetValue((about.Uid, reason, message), out var key)
            && cluster.View.Get(KnownResources.Events, key) is { } earlier
            && Repeat(earlier))
        {
            return;
        }

        var created = _writer.Create(KnownResources.Events, Content(about, type, reason, message, fieldPath));
        if (created is not null)
        {
            if (_written.Count >= RememberedEvents)
            {
                _written.Clear();
            }

            _written[(about.Uid, reason, message)] = ObjectKey.FromObject(created);
        }
    }

    private bool Repeat(StoredObject earlier)
    {
        var now = Timestamps.Format(cluster.Now);
        return _writer.Update(earlier, content =>
        {
            content["count"] = (content.Number("count") ?? 1) + 1;
            content["lastTimestamp"] = now;
        }) is not null;
    }

    private JsonObject Content(StoredObject about, string type, string reason, string message, string? fieldPath)
    {
        var now = cluster.Now;
        var involved = new JsonObject
        {
            ["kind"] = about.Content.Text("kind"),
            ["name"] = about.Name,
            ["uid"] = about.Uid,
            ["apiVersion"] = about.Content.Text("apiVersion"),
            ["resourceVersion"] = about.ResourceVersion.ToString(CultureInfo.InvariantCulture),
        };
        if (about.Namespace is { } ns)
        {
            involved["namespace"] = ns;
        }

        if (fieldPath is not null)
        {
            involved["fieldPath"] = fieldPath;
        }

        var source = new JsonObject { ["component"] = component };
        if (host is not null)
        {
            source["host"] = host;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject
            {
                ["name"] = string.Create(CultureInfo.InvariantCulture, $"{about.Name}.{now.UtcTicks + _serial++:x16}"),
                ["namespace"] = about.Namespace ?? "default",
            },
            ["involvedObject"] = involved,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = source,
            ["firstTimestamp"] = Timestamps.Format(now),
            ["lastTimestamp"] = Timestamps.Format(now),
            ["count"] = 1,
            ["type"] = type,
            ["eventTime"] = null,
            ["reportingComponent"] = component,
            ["reportingInstance"] = host ?? "",
        };
    }

    private bool IsWithinBudget()
    {
        var rate = cluster.Options.EventsPerSecond;
        var now = cluster.Now;
        _budget = Math.Min(2.0 * rate, _budget + ((now - _refilled).TotalSeconds * rate));
        _refilled = now;
        if (_budget < 1)
        {
            return false;
        }

        _budget--;
        return true;
    }
}
