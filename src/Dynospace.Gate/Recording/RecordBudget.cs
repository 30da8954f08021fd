namespace Dynospace.Gate.Recording;

/// <summary>
/// The limit of a run's input: high enough that nobody notices it when typing, and low enough that the record fits into
/// the log that a node keeps of a container.
/// </summary>
internal sealed class RecordBudget
{
    /// <summary>The limit of a whole run. Written as escapes, it is at most four times as long.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    /// <summary>The average rate.</summary>
    public const int BytesPerSecond = 128 * 1024;

    /// <summary>The number of bytes accepted at once after a pause.</summary>
    public const int Burst = 512 * 1024;

    private long _total;
    private double _available = Burst;
    private TimeSpan _last;

    /// <summary>
    /// Takes bytes from the budget. Returns how long to wait before they may be recorded; null if the run's limit is
    /// reached.
    /// </summary>
    /// <param name="now">The time since any fixed moment.</param>
    public TimeSpan? Take(int bytes, TimeSpan now)
    {
        if (_total + bytes > MostBytes)
        {
            _total = MostBytes;
            return null;
        }

        _available = Math.Min(Burst, _available + ((now - _last).TotalSeconds * BytesPerSecond));
        _last = now;
        _total += bytes;
        _available -= bytes;
        return _available >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_available / BytesPerSecond);
    }
}
