using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Dns;

/// <summary>The observed state of a space's DNS.</summary>
public sealed record SpaceDnsState
{
    /// <summary>Nothing exists.</summary>
    public static SpaceDnsState None { get; } = new();

    /// <summary>Whether its Deployment and its Service exist.</summary>
    public bool Exists { get; init; }

    /// <summary>The reason why it cannot be created, as far as the caches show it; null if there is none.</summary>
    public Problem? Obstacle { get; init; }

    /// <summary>The number of available pods.</summary>
    public int Available { get; init; }

    /// <summary>The desired number of pods.</summary>
    public int Desired { get; init; }

    /// <summary>The problem that the Deployment's status reports; null if there is none.</summary>
    public string? Trouble { get; init; }

    /// <summary>The addresses of its Service.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>
    /// Whether a running dyno uses the cluster's DNS, because it started before this one was available.
    /// </summary>
    public bool IsClusterAsked { get; init; }
}

/// <summary>The condition of a space's DNS.</summary>
public static class SpaceDnsConditions
{
    private const string StillAsked =
        " Dynos that were started before it ask the cluster's DNS until they are replaced.";

    /// <summary>Why names of dynos do not resolve; null if they do, or if the space has no DNS of its own.</summary>
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

    /// <summary>The message of the condition while all is well.</summary>
    public static string Describe(Space space, SpaceDnsState state) => string.Create(
        CultureInfo.InvariantCulture,
        $"{new SpaceDnsIdentity(space.Metadata.Name).Name} answers at {string.Join(',', state.Addresses)} "
            + $"({state.Available}/{state.Desired} pods).{(state.IsClusterAsked ? StillAsked : "")}");

    /// <summary>
    /// The addresses that dynos query; null until it was available once. An interruption does not remove them, so that
    /// dynos that start during it do not wait.
    /// </summary>
    public static SpaceDnsStatus? Status(Space space, SpaceDnsState state, PlatformOptions options) =>
        !options.Dns.ServesNames(space.Spec.Runtime) || state.Addresses.Count == 0
        || (state.Available == 0 && space.Status?.Dns is null)
            ? null
            : new() { Addresses = [.. state.Addresses] };
}
