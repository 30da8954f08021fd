using System.Globalization;

namespace DevCluster.Simulator.Nodes;

/// <summary>Durations as kubelet prints them: <c>10s</c>, <c>1m20s</c>, <c>5m0s</c>.</summary>
internal static class GoDuration
{
    public static string Of(TimeSpan duration)
    {
        if (duration < TimeSpan.FromSeconds(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds}ms");
        }

        var minutes = (int)duration.TotalMinutes;
        var seconds = duration.TotalSeconds - (minutes * 60);
        return minutes == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds}s");
    }
}
