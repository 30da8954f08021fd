using Dynospace.Router.Logging;
using Dynospace.Router.Metrics;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Proxying;

/// <summary>Where each request is written down, once: a line of the log and a count of the metrics.</summary>
/// <param name="recent">Keeps the lines of each app; null where nobody reads them.</param>
public sealed class RequestLedger(
    LogOutput log, RouterMetrics metrics, IRoutingTable table, RecentLines? recent = null)
{
    /// <summary>A request begins; how many are in flight with it.</summary>
    public int Begin() => metrics.Begin();

    /// <summary>A request that began has ended.</summary>
    public void End(in RequestRecord record)
    {
        metrics.End(record.Error, record.Status);
        Write(record);
    }

    /// <summary>The server refused a request before the request path saw it.</summary>
    public void Refused(in RequestRecord record)
    {
        metrics.Count(record.Error, record.Status);
        Write(record);
    }

    private void Write(in RequestRecord record)
    {
        var line = RequestLogLine.Format(record);
        // A request that was refused by its address or its form is still one for the app of its host.
        if (recent is not null
            && (record.Route ?? (record.Host is { Length: > 0 } host ? table.Current.Find(host) : null)) is { } route)
        {
            recent.Append(route.Space, route.App, line[..^1]);
        }

        log.Append(line);
    }
}

/// <summary>Whether the router is about to end.</summary>
public sealed class RouterDrain
{
    private volatile bool _isDraining;

    public bool IsDraining => _isDraining;

    public void Begin() => _isDraining = true;
}
