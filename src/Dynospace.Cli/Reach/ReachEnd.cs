using Dynospace.Reachability;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>An end that was found.</summary>
/// <param name="Name">What it is called in the answer.</param>
/// <param name="Endpoint">Whom the evaluator asks.</param>
internal sealed record ReachEnd(string Name, Endpoint Endpoint)
{
    /// <summary>The port that connections to it mean where none is named; null where there is no such port.</summary>
    public TransportPort? DefaultPort { get; init; }

    /// <summary>A pod that does not run: judged by its labels.</summary>
    public V1Pod? StandIn { get; init; }

    /// <summary>What one must know of the answer; null for nothing.</summary>
    public string? Note { get; init; }
}
