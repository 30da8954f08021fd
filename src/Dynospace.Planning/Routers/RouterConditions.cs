using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routing;
using Dynospace.Planning.Routing.Providers;
using System.Globalization;

namespace Dynospace.Planning.Routers;

/// <summary>The condition of a space's routers.</summary>
internal static class RouterConditions
{
    /// <returns>Why requests are not routed as wished; null when they are, or when nobody shall route them.</returns>
    public static Verdict? Set(ConditionTable conditions, Space space, RouterPlan plan, IReadOnlyList<RouterState> states, ApplyOutcome outcome, IReadOnlyCollection<ProviderKind>? served, PlatformOptions options)
    {
        if (options.Router.Provider == RouterProvider.None)
        {
            conditions.Set(
                ConditionTypes.RouterReady, ConditionStatus.Unknown, Reasons.NotProvisioned, "The operator's option routerProvider is None: no web requests are routed.");
            return null;
        }

        var verdict = outcome.Problem is { } failure ? Verdict.Of(outcome, failure) : Judge(space, plan, states, served, options);
        if (verdict is null)
        {
            conditions.SetTrue(ConditionTypes.RouterReady, Reasons.Ready, Describe(space, states, options));
        }
        else
        {
            conditions.SetFalse(ConditionTypes.RouterReady, new(verdict.Reason, verdict.Message));
        }

        return verdict;
    }

    /// <summary>Where the routers are found; null before anybody knows.</summary>
    public static RouterStatus? Status(IReadOnlyList<RouterState> states)
    {
        var (outside, inside) = (AddressOf(states, RouterListener.Public), AddressOf(states, RouterListener.Internal));
        return outside is null && inside is null ? null : new() { PublicAddress = outside, InternalAddress = inside };
    }

    private static string? AddressOf(IReadOnlyList<RouterState> states, RouterListener listener) =>
        states.FirstOrDefault(state => state.Router.Listener == listener) is { Addresses: { Count: > 0 } addresses } ? string.Join(',', addresses) : null;

    private static Verdict? Judge(
        Space space, RouterPlan plan, IReadOnlyList<RouterState> states, IReadOnlyCollection<ProviderKind>? served, PlatformOptions options)
    {
        if (options.Router.Provider != RouterProvider.Builtin)
        {
            return RouteSupport.ProblemOf(space, served, options) is { } unsupported ? Verdict.Stalled(unsupported) : null;
        }

        IReadOnlyList<RouterIdentity> wanted = space.Spec.Runtime == SpaceRuntime.Common ? [RouterIdentity.Shared] : plan.Routers;
        return wanted
            .Select(router => Trouble(states.FirstOrDefault(state => state.Router == router) ?? new RouterState(router)))
            .FirstOrDefault(problem => problem is not null) is { } found
            ? Verdict.Moving(found)
            : null;
    }

    private static Problem? Trouble(RouterState state)
    {
        var name = state.Router.Name;
        return state switch
        {
            { Exists: false } => new(Reasons.Progressing, $"Router {name} is being made."),
            { Available: 0, Trouble: { } trouble } => new(Reasons.RouterNotAvailable, $"No pod of router {name} serves: {trouble}"),
            { Available: 0 } => new(Reasons.Progressing, $"No pod of router {name} serves yet."),
            { AwaitsAddress: true } => new(
                Reasons.AddressPending,
                $"Service {name} waits for the address of a load balancer: where the cluster gives none, set the operator's option routerServiceType to NodePort or ClusterIP."),
            _ => null,
        };
    }

    private static string Describe(Space space, IReadOnlyList<RouterState> states, PlatformOptions options)
    {
        if (options.Router.Provider != RouterProvider.Builtin)
        {
            return $"Web requests come by the cluster's own {options.Router.Provider}.";
        }

        var parts = states.Select(state => string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Router.Name} serves at {(state.Addresses.Count > 0 ? string.Join(',', state.Addresses) : "no address")} ({state.Available}/{state.Wanted} pods)"));
        return space.Spec.Runtime == SpaceRuntime.Common ? $"The shared {string.Join("; ", parts)}." : $"{string.Join("; ", parts)}.";
    }
}
