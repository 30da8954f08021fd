using Dynospace.Router.Logging;
using Dynospace.Router.Metrics;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Proxying;

/// <summary>Records each request once: a line in the log and a count in the metrics.</summary>
/// <param name="recent">Keeps the recent lines of each app; null if nobody reads them.</param>
public sealed class RequestLedger(
    LogOutput log, RouterMetrics metrics, IRoutingTable table, RecentLines? recent = null)
{
    /// <summary>Counts a request that begins; returns how many are in flight, this one included.</summary>
    public int Begin() => metrics.Begin();

    /// <summary>Records a request that has ended.</summary>
    public void End(in RequestRecord record)
    {
        metrics.End(record.Error, record.Status);
        Write(record);
    }

    /// <summary>Records a request that the server refused before the request path saw it.</summary>
    public void Refused(in RequestRecord record)
    {
        metrics.Count(record.Error, record.Status);
        Write(record);
    }

    private void Write(in RequestRecord record)
    {
        var line = RequestLogLine.Format(record);
        // A request that was refused for its address or its form still belongs to the app of its host.
        if (recent is not null
            && (record.Route ?? (record.Host is { Length: > 0 } host ? table.Current.Find(host) : null)) is { } route)
        {
            recent.Append(route.Space, route.App, line[..^1]);
        }

        log.Append(line);
    }
}

/// <summary>Whether the router is draining.</summary>
public sealed class RouterDrain
{
    private volatile bool _isDraining;

    public bool IsDraining => _isDraining;

    public void Begin() => _isDraining = true;
}
