namespace Dynospace.Runtime;

/// <summary>
/// Times of the API's type MicroTime. KubernetesClient leaves the fraction out of a whole second, and the API server
/// refuses a MicroTime without one.
/// </summary>
public static class MicroTime
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMillisecond / 1000;

    /// <summary>The time in whole microseconds, moved by one where it would lose its fraction.</summary>
    public static DateTime? ForApi(DateTime? time)
    {
        if (time is not { } value)
        {
            return null;
        }

        var whole = value.AddTicks(-(value.Ticks % TicksPerMicrosecond));
        return whole.Ticks % TimeSpan.TicksPerSecond == 0 ? whole.AddTicks(TicksPerMicrosecond) : whole;
    }
}
