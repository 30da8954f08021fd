using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Routers;

/// <summary>The condition of a space's routers.</summary>
public static class RouterConditions
{
    /// <summary>
    /// Why requests are not routed as the spec asks; null if they are, or if the operator routes none.
    /// </summary>
    /// <param name="routers">The space's own routers.</param>
    /// <param name="states">The routers that serve it, as observed.</param>
    /// <param name="outcome">The result of applying its own routers.</param>
    /// <param name="served">The kinds of the cluster's own gateway that are served; null if not observed.</param>
    public static ReadyState? Judge(
        Space space,
        IReadOnlyList<RouterIdentity> routers,
        IReadOnlyList<RouterState> states,
        ApplyOutcome outcome,
        IReadOnlyCollection<ProviderKind>? served,
        PlatformOptions options)
    {
        if (options.Router.Provider == RouterProvider.None)
        {
            return null;
        }

        if (outcome.Problem is { } failure)
        {
            return ReadyState.FromFailure(outcome, failure);
        }

        if (options.Router.Provider != RouterProvider.Builtin)
        {
            return RoutePlanner.ProblemOf(space, served, options) is { } unsupported
                ? ReadyState.FromProblem(unsupported)
                : null;
        }

        IReadOnlyList<RouterIdentity> wanted = space.Spec.Runtime == SpaceRuntime.Common
            ? [RouterIdentity.Shared]
            : routers;
        return wanted
            .Select(
                router => Trouble(states.FirstOrDefault(state => state.Router == router) ?? new RouterState(router)))
            .FirstOrDefault(verdict => verdict is not null);
    }

    /// <summary>
    /// Whether the condition's problem concerns the router with this listener. A problem that names only the other
    /// router does not: the public router serves while the internal one is being created.
    /// </summary>
    public static bool Concerns(Problem problem, RouterListener listener)
    {
        var (own, other) = listener == RouterListener.Public
            ? (ComponentValues.RouterPublic, ComponentValues.RouterInternal)
            : (ComponentValues.RouterInternal, ComponentValues.RouterPublic);
        return problem.Message.Contains(own, StringComparison.Ordinal)
            || !problem.Message.Contains(other, StringComparison.Ordinal);
    }

    /// <summary>The addresses of the routers; null before there is one.</summary>
    public static RouterStatus? Status(IReadOnlyList<RouterState> states)
    {
        var (outside, inside) = (AddressOf(states, RouterListener.Public), AddressOf(states, RouterListener.Internal));
        return outside is null && inside is null ? null : new() { PublicAddress = outside, InternalAddress = inside };
    }

    private static string? AddressOf(IReadOnlyList<RouterState> states, RouterListener listener) =>
        states.FirstOrDefault(state => state.Router.Listener == listener) is { Addresses: { Count: > 0 } addresses }
            ? string.Join(',', addresses)
            : null;

    private static ReadyState? Trouble(RouterState state)
    {
        var name = state.Router.Name;
        return state switch
        {
            { Obstacle: { } obstacle } => ReadyState.Stalled(obstacle),
            { Exists: false } =>
                ReadyState.Moving(new(Reasons.Progressing, $"Router {name} is being created.{WhereToLook(state)}")),
            { Available: 0, Trouble: { } trouble } =>
                ReadyState.FromProblem(new(Reasons.RouterNotAvailable, $"No pod of router {name} serves: {trouble}")),
            { Available: 0 } => ReadyState.Moving(new(Reasons.Progressing, $"No pod of router {name} serves yet.")),
            { AwaitsAddress: true } => ReadyState.FromProblem(new(
                Reasons.AddressPending,
                $"Service {name} waits for the address of a load balancer: where the cluster gives none, set the "
                + "operator's option routerServiceType to NodePort or ClusterIP.")),
            _ => null,
        };
    }

    /// <summary>
    /// A hint for the shared router. It belongs to no Space, so its problems are events in the system namespace.
    /// </summary>
    private static string WhereToLook(RouterState state) => state.Router == RouterIdentity.Shared
        ? " If that takes long, the events of the operator's namespace name the reason."
        : "";

    /// <summary>The message of the condition while all is well.</summary>
    public static string Describe(Space space, IReadOnlyList<RouterState> states, PlatformOptions options)
    {
        if (options.Router.Provider != RouterProvider.Builtin)
        {
            return $"Web requests come through the cluster's own {options.Router.Provider}.";
        }

        var parts = states.Select(state => string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Router.Name} serves at "
            + $"{(state.Addresses.Count > 0 ? string.Join(',', state.Addresses) : "no address")} "
                + $"({state.Available}/{state.Desired} pods)"));
        return space.Spec.Runtime == SpaceRuntime.Common
            ? $"The shared {string.Join("; ", parts)}."
            : $"{string.Join("; ", parts)}.";
    }
}
