namespace Dynospace.Router.Dynos;

internal static class ClockExtensions
{
    /// <summary>A time span in the clock's timestamps.</summary>
    public static long Ticks(this TimeProvider clock, TimeSpan time) => (long)(time.TotalSeconds * clock.TimestampFrequency);
}
