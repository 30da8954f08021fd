// Events: records Kubernetes events in series, and never holds up a reconcile.

using System.Text.Json.Nodes;
using System.Threading.Channels;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Events;


/// <summary>
/// Records events for <c>kubectl describe</c> and <c>kubectl events</c>: best effort, without failing or delaying a
/// reconcile.
/// </summary>
public interface IEventRecorder
{
    /// <summary>Records an event about an object; repeats raise the count of one event.</summary>
    /// <param name="regarding">What it is about.</param>
    /// <param name="type">Whether it is normal or a warning.</param>
    /// <param name="reason">A constant word in CamelCase.</param>
    /// <param name="message">A sentence for people; no secrets.</param>
    void Record(OwnerIdentity regarding, EventType type, string reason, string message);
}

/// <summary>The severity of an event.</summary>
public enum EventType
{
    /// <summary>Information.</summary>
    Normal,

    /// <summary>Something that needs attention.</summary>
    Warning,
}

/// <summary>Who reports events, and how many are remembered.</summary>
public sealed record EventRecorderOptions
{
    /// <summary>The reporting component, as in <c>example-operator</c>.</summary>
    public required string Component { get; init; }

    /// <summary>The reporting process.</summary>
    public required string Instance { get; init; }

    /// <summary>How many events may wait; further ones are dropped and counted.</summary>
    public int QueueCapacity { get; init; } = 1_000;

    /// <summary>For how many events repeats are recognised.</summary>
    public int RememberedEvents { get; init; } = 4_096;

    /// <summary>How long after an event an equal one counts as a repeat.</summary>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Writes events in the background: start <see cref="RunAsync"/> beside the controllers.</summary>
public sealed class EventRecorder(
    IApiTransport transport, EventRecorderOptions options, TimeProvider clock,
    ILogger<EventRecorder> logger) : IEventRecorder
{
    /// <summary>The API's limit for a reason, in characters.</summary>
    private const int LongestReason = 128;

    private readonly EventSeries _series = new(options);
    private readonly Channel<PendingEvent> _pending = Channel.CreateBounded<PendingEvent>(
        new BoundedChannelOptions(options.QueueCapacity) { SingleReader = true });

    /// <inheritdoc/>
    public void Record(OwnerIdentity regarding, EventType type, string reason, string message)
    {
        if (!_pending.Writer.TryWrite(
            new PendingEvent(regarding, type, Text.Cap(reason, LongestReason), Text.Cap(message))))
        {
            Drop("full");
        }
    }

    /// <summary>Writes recorded events until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _pending.Reader.WaitToReadAsync(cancellationToken))
            {
                foreach (var (pending, times) in TakeAll())
                {
                    await WriteAsync(pending, times, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancellation is the normal end of a recorder.
        }
    }

    /// <summary>The waiting events with their repeats counted, in the order in which each first occurred.</summary>
    private List<(PendingEvent Pending, int Times)> TakeAll()
    {
        var order = new List<PendingEvent>();
        var times = new Dictionary<(string, EventType, string, string), int>();
        while (order.Count < options.QueueCapacity && _pending.Reader.TryRead(out var pending))
        {
            var before = times.GetValueOrDefault(pending.Identity);
            times[pending.Identity] = before + 1;
            if (before == 0)
            {
                order.Add(pending);
            }
        }

        return [.. order.Select(p => (p, times[p.Identity]))];
    }

    private async Task WriteAsync(PendingEvent pending, int times, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        try
        {
            var write = _series.Add(pending, times, now);
            if (write.IsNew || !await TryRepeatAsync(pending, write, now, cancellationToken))
            {
                await CreateAsync(pending, write, now, cancellationToken);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Conditions state the same as events; losing an event is better than delaying a reconcile.
            _series.Forget(pending);
            Drop("failed");
            logger.LogDebug(
                "Event {Reason} about {Object} was not written: {Cause}",
                pending.Reason, pending.Regarding.Key, Text.Cap(e.Message));
        }
    }

    private async Task<bool> TryRepeatAsync(
        PendingEvent pending, EventWrite write, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await transport.PatchAsync(
                EventContent.Kind, EventContent.KeyOf(
                    pending, write), PatchFormat.Merge, EventContent.Repeat(write, now), Query, cancellationToken);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // The event is gone: the API server drops events after an hour, or another client deleted it.
            return false;
        }
    }

    private Task<JsonObject> CreateAsync(
        PendingEvent pending, EventWrite write, DateTimeOffset now, CancellationToken cancellationToken) =>
        transport.CreateAsync(
            EventContent.Kind, EventContent.Whole(pending, write, options, now), Query, cancellationToken);

    private WriteQuery Query => new() { FieldManager = options.Component };

    private static void Drop(string reason) =>
        RuntimeMetrics.DroppedEventCounter.Add(1, RuntimeMetrics.Tag("reason", reason));
}
