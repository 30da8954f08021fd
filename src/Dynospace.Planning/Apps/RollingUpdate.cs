using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>
/// Which dynos of one process type move to a release now. At most a quarter of the type, rounded up, is down by our own doing; one that
/// is down anyway costs nothing to move, so it goes first and a fix is not held up by what it fixes.
/// </summary>
internal static class RollingUpdate
{
    /// <summary>The largest number of dynos of a type that are replaced at once.</summary>
    public static int BatchSize(int quantity) => (quantity + 3) / 4;

    /// <param name="dynos">The dynos of the wished formation of one type that exist, in the order of their numbers.</param>
    /// <param name="quantity">The wished number.</param>
    /// <param name="isOutdated">Whether a dyno has to move.</param>
    public static IReadOnlyList<Dyno> Next(IReadOnlyList<Dyno> dynos, int quantity, Func<Dyno, bool> isOutdated)
    {
        List<Dyno>? next = null;
        List<Dyno>? running = null;
        var movedAndNotUp = 0;
        foreach (var dyno in dynos)
        {
            if (!isOutdated(dyno))
            {
                movedAndNotUp += DynoFacts.IsUp(dyno) ? 0 : 1;
            }
            else if (DynoFacts.IsUp(dyno))
            {
                (running ??= []).Add(dyno);
            }
            else
            {
                (next ??= []).Add(dyno);
            }
        }

        var free = BatchSize(quantity) - movedAndNotUp - (next?.Count ?? 0);
        if (running is not null && free > 0)
        {
            (next ??= []).AddRange(running.Take(free));
        }

        return next ?? [];
    }
}
