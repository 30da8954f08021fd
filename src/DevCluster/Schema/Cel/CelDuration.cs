using System.Globalization;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Cel;

/// <summary>A span of time in whole nanoseconds.</summary>
internal readonly record struct CelDuration(long Nanoseconds) : IComparable<CelDuration>
{
    public const long PerSecond = DurationFormats.PerSecond;

    public int CompareTo(CelDuration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Seconds with as many decimals as it takes: <c>5400s</c>, <c>0.5s</c>.</summary>
    public override string ToString() =>
        ((decimal)Nanoseconds / PerSecond).ToString("0.#########", CultureInfo.InvariantCulture) + "s";
}
