using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Dns;

/// <summary>What was observed of a space's DNS.</summary>
public sealed record SpaceDnsState
{
    /// <summary>Nothing of it.</summary>
    public static SpaceDnsState None { get; } = new();

    /// <summary>Whether its Deployment and its Service exist.</summary>
    public bool Exists { get; init; }

    /// <summary>What keeps it from being created, as far as the caches show it; null for nothing.</summary>
    public Problem? Obstacle { get; init; }

    /// <summary>The pods that answer.</summary>
    public int Available { get; init; }

    /// <summary>The pods that it must have.</summary>
    public int Desired { get; init; }

    /// <summary>What the Deployment's controller says is wrong; null for nothing.</summary>
    public string? Trouble { get; init; }

    /// <summary>The addresses of its Service.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>
    /// Whether a dyno that runs asks the cluster's DNS, since it was started before this one answered.
    /// </summary>
    public bool IsClusterAsked { get; init; }
}

/// <summary>The condition of a space's DNS.</summary>
public static class SpaceDnsConditions
{
    private const string StillAsked =
        " Dynos that were started before it ask the cluster's DNS until they are replaced.";

    /// <summary>
    /// Why names of dynos do not resolve; null when they do, or when the space has no DNS of its own.
    /// </summary>
    public static ReadyState? Judge(Space space, SpaceDnsState state, ApplyOutcome outcome, PlatformOptions options)
    {
        var name = new SpaceDnsIdentity(space.Metadata.Name).Name;
        return (options.Dns.ServesNames(space.Spec.Runtime), outcome.Problem, state) switch
        {
            (false, _, _) => null,
            (_, { } failure, _) => ReadyState.FromFailure(outcome, failure),
            (_, _, { Obstacle: { } obstacle }) => ReadyState.Stalled(obstacle),
            (_, _, { Exists: false }) => ReadyState.Moving(new(Reasons.Progressing, $"DNS {name} is being created.")),
            (_, _, { Available: 0, Trouble: { } trouble }) =>
                ReadyState.FromProblem(new(Reasons.DnsNotAvailable, $"No pod of DNS {name} answers: {trouble}")),
            (_, _, { Available: 0 }) =>
                ReadyState.Moving(new(Reasons.Progressing, $"No pod of DNS {name} answers yet.")),
            _ => null,
        };
    }

    /// <summary>How it is, when all is well.</summary>
    public static string Describe(Space space, SpaceDnsState state) => string.Create(
        CultureInfo.InvariantCulture,
        $"{new SpaceDnsIdentity(space.Metadata.Name).Name} answers at {string.Join(',', state.Addresses)} "
            + $"({state.Available}/{state.Desired} pods).{(state.IsClusterAsked ? StillAsked : "")}");

    /// <summary>
    /// The addresses that dynos ask; null before it has answered once. A pause does not take them back: dynos that
    /// start during it do not wait.
    /// </summary>
    public static SpaceDnsStatus? Status(Space space, SpaceDnsState state, PlatformOptions options) =>
        !options.Dns.ServesNames(space.Spec.Runtime) || state.Addresses.Count == 0
        || (state.Available == 0 && space.Status?.Dns is null)
            ? null
            : new() { Addresses = [.. state.Addresses] };
}
