namespace Dynospace.Router.Dynos;

/// <summary>Which dyno a request tries next: a random one that it has not tried and that is not quarantined.</summary>
internal struct DynoChoice
{
    private List<DynoPool>? _tried;

    public readonly int Attempts => _tried?.Count ?? 0;

    public void Failed(DynoPool pool) => (_tried ??= []).Add(pool);

    /// <summary>A dyno to try; null when every untried one is quarantined, until the time given.</summary>
    public readonly DynoPool? Next(DynoPool[] pools, long now, out long freeAt)
    {
        freeAt = long.MaxValue;
        if (pools.Length == 0)
        {
            return null;
        }

        var first = pools[Random.Shared.Next(pools.Length)];
        if (first.QuarantinedUntil <= now && _tried is null)
        {
            return first;
        }

        return NextOfTheRest(pools, now, ref freeAt);
    }

    /// <summary>Every usable dyno with the same likelihood, found in one pass.</summary>
    private readonly DynoPool? NextOfTheRest(DynoPool[] pools, long now, ref long freeAt)
    {
        DynoPool? chosen = null;
        var usable = 0;
        foreach (var pool in pools)
        {
            if (_tried?.Contains(pool) == true)
            {
                continue;
            }

            if (pool.QuarantinedUntil > now)
            {
                freeAt = Math.Min(freeAt, pool.QuarantinedUntil);
            }
            else if (Random.Shared.Next(++usable) == 0)
            {
                chosen = pool;
            }
        }

        return chosen;
    }
}
