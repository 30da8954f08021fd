namespace Dynospace.Gate.Recording;

/// <summary>
/// How much one run may type: so much that a person never notices, so little that the record fits into the log that a
/// node keeps of a container.
/// </summary>
internal sealed class RecordBudget
{
    /// <summary>Of a whole run. Written as escapes it is at most four times as much.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    /// <summary>In a second, on average.</summary>
    public const int BytesPerSecond = 128 * 1024;

    /// <summary>At once, after a pause.</summary>
    public const int Burst = 512 * 1024;

    private long _total;
    private double _available = Burst;
    private TimeSpan _last;

    /// <summary>
    /// Takes bytes out of it: how long to wait before they may be kept; null if they are too many for good.
    /// </summary>
    /// <param name="now">A time since any fixed moment.</param>
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
