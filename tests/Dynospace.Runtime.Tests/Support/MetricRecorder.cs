using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>Adds up the runtime's metrics; tests tell theirs from others' by a tag of their own.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _measurements = new();

    public MetricRecorder()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RuntimeMetrics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Take(i, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Take(i, value, tags));
        _listener.Start();
    }

    /// <summary>The sum of all measurements that carry the tags, each written as <c>name=value</c>.</summary>
    public double Sum(string name, params string[] tags) =>
        _measurements.Where(m =>
            m.Name == name && tags.All(t => m.Tags.Contains($";{t};", StringComparison.Ordinal))).Sum(m => m.Value);

    public int Count(string name, params string[] tags) =>
        _measurements.Count(m => m.Name == name && tags.All(t => m.Tags.Contains($";{t};", StringComparison.Ordinal)));

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = ";";
        foreach (var (name, tag) in tags)
        {
            text += $"{name}={tag};";
        }

        _measurements.Enqueue((instrument.Name, value, text));
    }
}
