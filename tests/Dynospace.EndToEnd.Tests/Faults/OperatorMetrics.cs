using System.Diagnostics.Metrics;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>
/// Listens to the metrics of the operators in this process, which tell what they do without asking them.
/// </summary>
internal sealed class OperatorMetrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _reconciles = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _restarts;

    public OperatorMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RuntimeMetrics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => Record(instrument.Name, value, tags));
        _listener.Start();
    }

    public void Forget()
    {
        lock (_gate)
        {
            _reconciles.Clear();
            _restarts = 0;
        }
    }

    /// <summary>Waits until each controller has reconciled so often.</summary>
    public Task ReconciledAsync(int times, CancellationToken cancellationToken) => UntilAsync(
        () => new[] { "space", "app", "dyno" }.All(controller => _reconciles.GetValueOrDefault(controller) >= times),
        cancellationToken);

    /// <summary>Waits until so many watches and lists failed.</summary>
    public Task RestartedAsync(int times, CancellationToken cancellationToken) =>
        UntilAsync(() => _restarts >= times, cancellationToken);

    public void Dispose() => _listener.Dispose();

    private async Task UntilAsync(Func<bool> isSo, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (isSo())
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
        }
    }

    private void Record(string instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var values = tags.ToArray().ToDictionary(tag => tag.Key, tag => $"{tag.Value}");
        TaskCompletionSource changed;
        lock (_gate)
        {
            switch (instrument)
            {
                case RuntimeMetrics.WatchRestarts:
                    _restarts += value;
                    break;
                case RuntimeMetrics.Reconciles:
                    _reconciles[values["controller"]] = _reconciles.GetValueOrDefault(values["controller"]) + value;
                    break;
                default:
                    return;
            }

            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
