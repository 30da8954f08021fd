using Dynospace.Router.Logging;
using Dynospace.Router.Metrics;

namespace Dynospace.Router.Proxying;

/// <summary>Where each request is written down, once: a line of the log and a count of the metrics.</summary>
public sealed class RequestLedger(LogOutput log, RouterMetrics metrics)
{
    /// <summary>A request begins; how many are in flight with it.</summary>
    public int Begin() => metrics.Begin();

    /// <summary>A request that began has ended.</summary>
    public void End(in RequestRecord record)
    {
        metrics.End(record.Error, record.Status);
        log.Append(record);
    }

    /// <summary>The server refused a request before the request path saw it.</summary>
    public void Refused(in RequestRecord record)
    {
        metrics.Count(record.Error, record.Status);
        log.Append(record);
    }
}

/// <summary>Whether the router is about to end.</summary>
public sealed class RouterDrain
{
    private volatile bool _isDraining;

    public bool IsDraining => _isDraining;

    public void Begin() => _isDraining = true;
}
