using System.Diagnostics.Metrics;

namespace Dynospace.Runtime;

/// <summary>
/// The metrics of the meter <c>Dynospace.Runtime</c>. Tags: <c>controller</c> and <c>result</c> (success, recheck,
/// retry, interrupted, defect) of reconciles, <c>queue</c>, <c>kind</c> and <c>cause</c> of watches, <c>verb</c>,
/// <c>kind</c> and <c>code</c> of requests, <c>kind</c> and <c>outcome</c> of applied objects, <c>reason</c> of dropped
/// events.
/// </summary>
public static class RuntimeMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Dynospace.Runtime";

    // The exporter prefixes the instrument's name with the meter's: dynospace_runtime_reconciles_total.

    /// <summary>Counter: reconciles that ended.</summary>
    public const string Reconciles = "reconciles.total";

    /// <summary>Histogram, in seconds: how long reconciles take.</summary>
    public const string ReconcileDuration = "reconcile.duration";

    /// <summary>Counter: reconciles that failed.</summary>
    public const string ReconcileErrors = "reconcile.errors.total";

    /// <summary>Up-down counter: keys that wait in a queue.</summary>
    public const string QueueDepth = "queue.depth";

    /// <summary>Histogram, in seconds: how long keys wait in a queue.</summary>
    public const string QueueLatency = "queue.latency";

    /// <summary>Counter: lists and watches that were restarted.</summary>
    public const string WatchRestarts = "watch.restarts.total";

    /// <summary>Counter: events and listed objects that could not be decoded.</summary>
    public const string UndecodableEvents = "watch.undecodable.total";

    /// <summary>Counter: requests that were answered or failed.</summary>
    public const string ApiRequests = "api.requests.total";

    /// <summary>Histogram, in seconds: how long requests take, watches excepted.</summary>
    public const string ApiRequestDuration = "api.request.duration";

    /// <summary>Counter: what the applier did with desired objects.</summary>
    public const string Applies = "applies.total";

    /// <summary>Counter: events that were not written.</summary>
    public const string DroppedEvents = "events.dropped.total";

    private static readonly Meter Meter = new(MeterName);

    internal static Counter<long> ReconcileCounter { get; } = Meter.CreateCounter<long>(Reconciles);

    internal static Histogram<double> ReconcileSeconds { get; } = Meter.CreateHistogram<double>(ReconcileDuration, "s");

    internal static Counter<long> ReconcileErrorCounter { get; } = Meter.CreateCounter<long>(ReconcileErrors);

    internal static UpDownCounter<long> QueueDepthCounter { get; } = Meter.CreateUpDownCounter<long>(QueueDepth);

    internal static Histogram<double> QueueSeconds { get; } = Meter.CreateHistogram<double>(QueueLatency, "s");

    internal static Counter<long> WatchRestartCounter { get; } = Meter.CreateCounter<long>(WatchRestarts);

    internal static Counter<long> UndecodableCounter { get; } = Meter.CreateCounter<long>(UndecodableEvents);

    internal static Counter<long> RequestCounter { get; } = Meter.CreateCounter<long>(ApiRequests);

    internal static Histogram<double> RequestSeconds { get; } = Meter.CreateHistogram<double>(ApiRequestDuration, "s");

    internal static Counter<long> ApplyCounter { get; } = Meter.CreateCounter<long>(Applies);

    internal static Counter<long> DroppedEventCounter { get; } = Meter.CreateCounter<long>(DroppedEvents);

    internal static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);
}
