using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Facts;

/// <summary>The facts of a space that apps and dynos need.</summary>
public sealed record SpaceFacts
{
    /// <summary>The space's name, which is also its namespace's.</summary>
    public required string Name { get; init; }

    /// <summary>The runtime.</summary>
    public required SpaceRuntime Runtime { get; init; }

    /// <summary>The region.</summary>
    public required string Region { get; init; }

    /// <summary>Whether the space is being deleted.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>Why no pod may start yet; null if pods may start.</summary>
    public Problem? Blocker { get; init; }

    /// <summary>
    /// The addresses of the space's own DNS for new pods, separated by commas; empty for the cluster's DNS.
    /// </summary>
    public string DnsAddresses { get; init; } = "";

    /// <summary>
    /// Why no built-in router serves the space; null if one does, or if the built-in routers are not used.
    /// </summary>
    public Problem? RouterProblem { get; init; }

    /// <summary>The sources of web requests to apps without internal routing. Default none.</summary>
    public TrustedRanges Trusted { get; init; } = TrustedRanges.Nobody;

    /// <summary>
    /// The sources outside the space of web requests to apps with internal routing: its peer networks without the
    /// cluster's addresses. Used only for routes of the cluster's own gateway. Default none.
    /// </summary>
    public TrustedRanges Peers { get; init; } = TrustedRanges.Nobody;

    /// <summary>The fixed IPs of the dynos' egress traffic; null if it uses the cluster's own addresses.</summary>
    public FixedIPs? FixedIPs { get; init; }

    /// <summary>
    /// The facts of a Space. Fails closed: pods are blocked unless the space is known to be isolated.
    /// </summary>
    public static SpaceFacts FromSpace(Space space, PlatformOptions options) =>
        new()
        {
            Name = space.Metadata.Name,
            Runtime = space.Spec.Runtime,
            Region = space.Spec.Region,
            IsDeleting = space.Metadata.DeletionTimestamp is not null,
            Trusted = TrustedRanges.FromSpace(space),
            DnsAddresses = options.Dns.ServesNames(space.Spec.Runtime)
                ? string.Join(',', space.Status?.Dns?.Addresses ?? [])
                : "",
            Blocker = BlockerOf(space, options),
            FixedIPs = FixedIPs.FromSpace(space),
            RouterProblem = RouterProblemOf(space, options),
        };

    /// <summary>The facts of a Space, with its peers.</summary>
    public static SpaceFacts FromSpace(Space space, ClusterFacts cluster, PlatformOptions options) =>
        FromSpace(space, options) with { Peers = PeersOf(space, cluster, options) };

    private static TrustedRanges PeersOf(Space space, ClusterFacts cluster, PlatformOptions options)
    {
        if (space.Spec.PeerNetworks is not { Count: > 0 })
        {
            return TrustedRanges.Nobody;
        }

        var forbidden = ForbiddenRanges.FromCluster(cluster, options);
        return PeerRanges.FromSpace(space, forbidden).WithoutCluster(forbidden);
    }

    private static Problem? RouterProblemOf(Space space, PlatformOptions options) =>
        options.Router.Provider == RouterProvider.Builtin
        && Conditions.Find(space.Status?.Conditions, ConditionTypes.RouterReady)
            is { Status: ConditionStatus.False } condition
            ? new(Reason.FromName(condition.Reason), $"Space {space.Metadata.Name}: {condition.Message}")
            : null;

    /// <summary>
    /// A dyno of a space with fixed IPs must not run before it can have one, or its traffic could leave by other
    /// addresses.
    /// </summary>
    private static Problem? EgressBlockerOf(Space space) => FixedIPs.FromSpace(space) switch
    {
        { IsEmpty: true } => new(
            Reasons.SpaceNotReady,
            $"Space {space.Metadata.Name} waits for its outbound IPs; see its condition {ConditionTypes.EgressReady}."),
        not null when space.Status?.Egress?.Waiting == true => new(
            Reasons.SpaceNotReady,
            $"Space {space.Metadata.Name} waits for proof that traffic leaves by its outbound IPs; see its condition "
            + $"{ConditionTypes.EgressReady}."),
        _ => null,
    };

    private static Problem? BlockerOf(Space space, PlatformOptions options)
    {
        var name = space.Metadata.Name;
        if (space.Metadata.DeletionTimestamp is not null)
        {
            return new(Reasons.SpaceNotReady, $"Space {name} is being deleted.");
        }

        if (!Conditions.IsTrue(space.Status?.Conditions, ConditionTypes.NetworkIsolated))
        {
            return new(
                Reasons.SpaceNotReady,
                $"Space {name} is not isolated yet; see its condition {ConditionTypes.NetworkIsolated}.");
        }

        // A dyno that started earlier would use the cluster's DNS, which resolves the names of all spaces.
        if (options.Dns.ServesNames(space.Spec.Runtime) && space.Status?.Dns is null)
        {
            return new(
                Reasons.SpaceNotReady,
                $"Space {name} waits for its DNS; see its condition {ConditionTypes.DnsReady}.");
        }

        if (EgressBlockerOf(space) is { } egress)
        {
            return egress;
        }

        var verified = Conditions.Find(space.Status?.Conditions, ConditionTypes.IsolationVerified);
        return options.Isolation.IsProofRequired
            && verified is not { Status: ConditionStatus.True }
            && verified?.Reason != Reasons.Simulated
            ? new(
                Reasons.SpaceNotReady,
                $"Space {name} waits for proof that the network enforces its policies; see its condition "
                + $"{ConditionTypes.IsolationVerified}.")
            : null;
    }
}
