using System.Globalization;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Isolation;

/// <summary>When the next trial is due.</summary>
internal static class TrialSchedule
{
    /// <summary>Spaces that were tried together, at a start of the operator say, drift apart by up to so much of the interval.</summary>
    private const double Spread = 0.1;

    /// <summary>The time until the next trial; zero or less when it is due.</summary>
    public static TimeSpan Remaining(Space space, string subject, TimeSpan interval, PlatformOptions options, DateTimeOffset now)
    {
        if (space.Status?.Isolation is not { } last || last.Subject != subject)
        {
            return TimeSpan.Zero;
        }

        var pause = last.Obstacle is null || interval < options.Cluster.RecheckInterval ? interval : options.Cluster.RecheckInterval;
        return new DateTimeOffset(last.TriedAt, TimeSpan.Zero) + (pause * (1 - (Spread * ShareOf(space)))) - now;
    }

    /// <summary>A number from 0 to 1 that is the space's own.</summary>
    private static double ShareOf(Space space)
    {
        var digits = new StableHash().Add(space.Metadata.Uid).ToHex().AsSpan(0, 4);
        return ushort.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) / (double)ushort.MaxValue;
    }
}
