using System.Runtime.CompilerServices;
using Dynospace.Router.Dynos;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Proxying;

/// <summary>
/// Forwards a request to a dyno of its app: waits for the first dyno while the app boots, enforces the app's limit, and
/// picks a dyno at random. A request goes to another dyno only if none has received a byte of it, and only in the
/// Common Runtime.
/// </summary>
public sealed class DynoForwarder(
    IRoutingTable table, RouteUpdates updates, DynoPools pools, DynoExchange dynos, TimeProvider clock)
{
    /// <summary>Null if a dyno's complete response was sent to the client.</summary>
    internal ValueTask<RouterError?> ForwardAsync(HttpContext context, Visit visit) =>
        visit.Route.State == AppWebState.Booting
            ? BootAndForwardAsync(context, visit)
            : ForwardWithinLimitAsync(context, visit);

    private async ValueTask<RouterError?> BootAndForwardAsync(HttpContext context, Visit visit) =>
        await BootAsync(context, visit) ?? await ForwardWithinLimitAsync(context, visit);

    private ValueTask<RouterError?> ForwardWithinLimitAsync(HttpContext context, Visit visit)
    {
        if (ErrorOf(visit.Route.State) is { } state)
        {
            return new(state);
        }

        if (visit.Route.Dynos.IsDefaultOrEmpty)
        {
            return new(RouterErrors.NoWebDynos);
        }

        var gate = visit.Settings.IsCommon ? pools.For(visit.Route).Gate : null;
        return gate?.TryEnter(visit.Settings.ConcurrencyPerDyno * visit.Route.Dynos.Length) == false
            ? new(RouterErrors.BacklogTooDeep)
            : ForwardToAnyAsync(context, visit, gate);
    }

    /// <summary>The error of an app in this state; null if dynos may take requests.</summary>
    private static RouterError? ErrorOf(AppWebState state) => state switch
    {
        AppWebState.Crashed => RouterErrors.AppCrashed,
        AppWebState.NoWebDynos => RouterErrors.NoWebDynos,
        AppWebState.Blank => RouterErrors.BlankApp,
        _ => null,
    };

    /// <summary>Waits while the app boots, up to the platform's limit.</summary>
    private async Task<RouterError?> BootAsync(HttpContext context, Visit visit)
    {
        var started = clock.GetTimestamp();
        while (visit.Route.State == AppWebState.Booting)
        {
            var update = updates.Next;
            if (table.Current.Find(visit.Facts.Host) is not { } route)
            {
                return RouterErrors.NoSuchHost;
            }

            visit.Route = route;
            var left = visit.Settings.QuarantineWait - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return RouterErrors.BootTimeout;
            }

            if (route.State == AppWebState.Booting)
            {
                await WaitAsync(update, left, visit.Exchange, context.RequestAborted);
            }
        }

        return null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RouterError?> ForwardToAnyAsync(HttpContext context, Visit visit, AppGate? gate)
    {
        try
        {
            var settings = visit.Settings;
            var started = clock.GetTimestamp();
            var choice = default(DynoChoice);
            while (true)
            {
                var update = updates.Next;
                if (Refresh(visit) is not { } route)
                {
                    // The host now belongs to another app or to none, so no dyno of this app will come.
                    return visit.LastConnectError ?? RouterErrors.NoWebDynos;
                }

                if (ErrorOf(route.State) is { } state)
                {
                    // For example, the app was scaled to zero while the request looked for a dyno.
                    return visit.LastConnectError ?? state;
                }

                var pool = choice.Next(pools.For(route).Pools, clock.GetTimestamp(), out var freeAt);
                if (pool is null)
                {
                    if (choice.Attempts > 0 && freeAt == long.MaxValue)
                    {
                        return visit.LastConnectError;
                    }

                    var left = settings.QuarantineWait - clock.GetElapsedTime(started);
                    if (left <= TimeSpan.Zero)
                    {
                        return RouterErrors.PlatformError;
                    }

                    await WaitAsync(update, Shorter(left, UntilFree(freeAt)), visit.Exchange, context.RequestAborted);
                    continue;
                }

                if (!pool.TryEnter())
                {
                    continue;   // It has just left rotation, so there is a newer snapshot.
                }

                RequestFailedException? failure;
                try
                {
                    visit.Dyno = pool.Dyno.Dyno;
                    failure = await dynos.SendAsync(context, visit, pool);
                }
                finally
                {
                    pool.Leave();
                }

                if (failure is null)
                {
                    return null;
                }

                if (failure.Retry != Retry.AnotherDyno || !settings.IsCommon)
                {
                    return failure.Error;
                }

                visit.LastConnectError = failure.Error;
                choice.Failed(pool);
                if (choice.Attempts >= settings.ConnectAttempts)
                {
                    return visit.LastConnectError;
                }
            }
        }
        finally
        {
            gate?.Leave();
        }
    }

    /// <summary>
    /// The app's current route: dynos may have been added while the request waited. Null if the host is no longer the
    /// app's.
    /// </summary>
    private AppRoute? Refresh(Visit visit)
    {
        var current = table.Current;
        return ReferenceEquals(current, visit.Admitted) ? visit.Route
            : current.Find(visit.Facts.Host) is { } route
                && route.App == visit.Route.App && route.Space == visit.Route.Space
            ? route
            : null;
    }

    private TimeSpan UntilFree(long freeAt) => freeAt == long.MaxValue
        ? TimeSpan.MaxValue
        : clock.GetElapsedTime(clock.GetTimestamp(), freeAt) + TimeSpan.FromMilliseconds(1);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task WaitAsync(Task update, TimeSpan longest, Exchange exchange, CancellationToken clientLeft)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clientLeft, exchange.Cancellation);
        await updates.WaitAsync(update, longest, either.Token);
    }
}

/// <summary>Which dyno a request tries next: a random one that it has not tried and that is not quarantined.</summary>
internal struct DynoChoice
{
    private List<DynoPool>? _tried;

    public readonly int Attempts => _tried?.Count ?? 0;

    public void Failed(DynoPool pool) => (_tried ??= []).Add(pool);

    /// <summary>
    /// A dyno to try; null if every untried one is quarantined, the first of them until <paramref name="freeAt"/>.
    /// </summary>
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

    /// <summary>Chooses among the usable dynos with equal probability, in one pass.</summary>
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
