using System.Collections.Immutable;

namespace Dynospace.Reachability;

/// <summary>Whether a connection may be opened, and who says so. Replies are part of the connection.</summary>
/// <param name="Source">Who opens the connection.</param>
/// <param name="Target">Who is to accept it.</param>
/// <param name="Port">The port that the source connects to.</param>
public sealed record Verdict(string Source, string Target, TransportPort Port)
{
    /// <summary>
    /// Whether the connection may be opened. To a service: whether at least one backend may be reached.
    /// </summary>
    public required bool Allowed { get; init; }

    /// <summary>What the source's side says; null where policies were not asked.</summary>
    public SideDecision? Egress { get; init; }

    /// <summary>What the destination's side says; null where policies were not asked.</summary>
    public SideDecision? Ingress { get; init; }

    /// <summary>A circumstance that decides before any policy is asked, such as <c>a pod always reaches itself</c>.</summary>
    public string? Circumstance { get; init; }

    /// <summary>To a service: a verdict for each backend, ordered by name.</summary>
    public ImmutableArray<BackendVerdict> Backends { get; init; } = [];

    /// <summary>To a service: whether some backends may be reached and some not, so that connections fail at random.</summary>
    public bool IsPartial => Allowed && Backends.Any(backend => !backend.Verdict.Allowed);

    /// <summary>The side that denied, the source's first; null where the connection is allowed or no policy denied it.</summary>
    public PolicyDirection? DeniedBy => (Egress, Ingress) switch
    {
        ({ Allows: false }, _) => PolicyDirection.Egress,
        (_, { Allows: false }) => PolicyDirection.Ingress,
        _ => null,
    };

    /// <summary>What decided, without the ends' names: verdicts of the same basis read alike.</summary>
    public string Basis => VerdictText.Basis(this);

    /// <summary>The verdict and what decided in a sentence.</summary>
    public string Reason => VerdictText.Reason(this);

    /// <summary>The reason, and line by line what each side, near miss and backend says.</summary>
    public ImmutableArray<string> Explanation => VerdictText.Explanation(this);

    /// <inheritdoc/>
    public override string ToString() => Reason;
}
