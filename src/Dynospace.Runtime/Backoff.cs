namespace Dynospace.Runtime;

/// <summary>
/// Doubling pauses with jitter, which start over after some time without a failure. A success does not reset it: a
/// connection that fails after each small success must not be retried in a tight loop.
/// </summary>
public sealed class Backoff(TimeSpan initial, TimeSpan maximum, TimeProvider clock, Func<double> random)
{
    private readonly TimeSpan _initial = initial;
    private TimeSpan _next = initial;
    private long? _lastFailure;

    /// <summary>The pause after a failure: between half and all of the current step.</summary>
    public TimeSpan Next()
    {
        var now = clock.GetTimestamp();
        if (_lastFailure is { } last && clock.GetElapsedTime(last, now) > 2 * maximum + _next)
        {
            _next = _initial;
        }

        _lastFailure = now;
        var step = _next;
        _next = step * 2 < maximum ? step * 2 : maximum;
        return step * (0.5 + (random() / 2));
    }
}
