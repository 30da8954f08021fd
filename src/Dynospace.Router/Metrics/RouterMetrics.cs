// Metrics: counts requests, connections, routes and certificates.

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Dynospace.Router.Metrics;

/// <summary>
/// The metrics of the meter <c>Dynospace.Router</c>: requests by code and status class, requests in flight, connections
/// to dynos. Kept as plain numbers that are read on demand.
/// </summary>
public sealed class RouterMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Dynospace.Router";

    private readonly Meter? _meter;
    private readonly Histogram<double>? _connectSeconds;
    private readonly Counter<long>? _connectFailures;
    private readonly long[] _successes = new long[10];
    private readonly ConcurrentDictionary<RouterError, StrongCount> _errors = new();
    private int _inFlight;

    /// <param name="isPublished">
    /// Whether the metrics are published; if not, only requests in flight are counted.
    /// </param>
    public RouterMetrics(bool isPublished = true)
    {
        if (!isPublished)
        {
            return;
        }

        _meter = new(MeterName);
        _connectSeconds = _meter.CreateHistogram<double>(
            "connect.duration", "s", "Time to connect to dynos");
        _connectFailures = _meter.CreateCounter<long>(
            "connect.failures.total", description: "Connections to dynos that failed");
        _meter.CreateObservableUpDownCounter(
            "requests.active", () => _inFlight, description: "Requests in flight");
        _meter.CreateObservableCounter(
            "requests.total", Observe, description: "Requests that ended, by code and status class");
    }

    /// <summary>Whether an instrument belongs to this router: a process may have several.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    public void Dispose() => _meter?.Dispose();

    internal int Begin() => Interlocked.Increment(ref _inFlight);

    internal void End(RouterError? error, int status)
    {
        Interlocked.Decrement(ref _inFlight);
        Count(error, status);
    }

    /// <summary>Counts a request that the server refused before the request path saw it.</summary>
    internal void Count(RouterError? error, int status)
    {
        if (error is null)
        {
            Interlocked.Increment(ref _successes[Math.Clamp(status / 100, 0, 9)]);
            return;
        }

        Interlocked.Increment(ref _errors.GetOrAdd(error, static _ => new()).Value);
    }

    internal void Connected(TimeSpan time) => _connectSeconds?.Record(time.TotalSeconds);

    internal void ConnectFailed() => _connectFailures?.Add(1);

    private IEnumerable<Measurement<long>> Observe()
    {
        for (var i = 1; i < _successes.Length; i++)
        {
            if (Interlocked.Read(ref _successes[i]) is > 0 and var count)
            {
                yield return Measure(count, "", i);
            }
        }

        foreach (var (error, count) in _errors)
        {
            yield return Measure(Interlocked.Read(ref count.Value), error.Code ?? "none", error.Status / 100);
        }
    }

    private static Measurement<long> Measure(long count, string code, int statusClass) =>
        new(count, new("code", code), new KeyValuePair<string, object?>("class", $"{statusClass}xx"));

    private sealed class StrongCount
    {
        public long Value;
    }
}
