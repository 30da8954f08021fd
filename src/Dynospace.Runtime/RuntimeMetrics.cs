using System.Diagnostics.Metrics;

namespace Dynospace.Runtime;

/// <summary>
/// The metrics of the meter <c>Dynospace.Runtime</c>. Tags: <c>controller</c> and <c>result</c> (success, recheck,
/// retry, terminal, defect) of reconciles, <c>queue</c>, <c>kind</c> and <c>cause</c> of watches, <c>verb</c>,
/// <c>kind</c> and <c>code</c> of requests,
/// <c>kind</c> and <c>outcome</c> of applied objects, <c>reason</c> of dropped events.
/// </summary>
public static class RuntimeMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Dynospace.Runtime";

    /// <summary>Counter: reconciles that ended.</summary>
    public const string Reconciles = "dynospace.runtime.reconciles";

    /// <summary>Histogram, in seconds: how long reconciles take.</summary>
    public const string ReconcileDuration = "dynospace.runtime.reconcile.duration";

    /// <summary>Counter: reconciles that failed.</summary>
    public const string ReconcileErrors = "dynospace.runtime.reconcile.errors";

    /// <summary>Up-down counter: keys that wait in a queue.</summary>
    public const string QueueDepth = "dynospace.runtime.queue.depth";

    /// <summary>Histogram, in seconds: how long keys wait in a queue.</summary>
    public const string QueueLatency = "dynospace.runtime.queue.latency";

    /// <summary>Counter: lists and watches begun again.</summary>
    public const string WatchRestarts = "dynospace.runtime.watch.restarts";

    /// <summary>Counter: events and listed objects that could not be decoded.</summary>
    public const string UndecodableEvents = "dynospace.runtime.watch.undecodable";

    /// <summary>Counter: requests that were answered or failed.</summary>
    public const string ApiRequests = "dynospace.runtime.api.requests";

    /// <summary>Histogram, in seconds: how long requests take, watches excepted.</summary>
    public const string ApiRequestDuration = "dynospace.runtime.api.request.duration";

    /// <summary>Counter: what the applier did with desired objects.</summary>
    public const string Applies = "dynospace.runtime.applies";

    /// <summary>Counter: events that were not written.</summary>
    public const string DroppedEvents = "dynospace.runtime.events.dropped";

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
