using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Planning.Status;
using k8s.Models;

namespace Dynospace.NodeAgent.Status;

// Reports of the agent: its readiness, and the status of its node's NodeNetwork.

/// <summary>The state of a part of the agent.</summary>
/// <param name="Part">The name of the part.</param>
/// <param name="Condition">The type of its condition.</param>
/// <param name="Reason">Why it is ready or not.</param>
/// <param name="Message">A description of the reason.</param>
public sealed record PartReport(string Part, string Condition, Reason Reason, string Message)
{
    /// <summary>The state of fixed IPs; null for other parts.</summary>
    public NodeEgress? Egress { get; init; }

    public bool IsReady => Reason == Reasons.Ready;
}

/// <summary>An enabled part of the agent.</summary>
public interface IAgentPart
{
    /// <summary>The current state.</summary>
    PartReport Report { get; }

    /// <summary>Runs until cancelled. Its changes to the kernel stay.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>Pure: derives the status from the reports of parts.</summary>
public static class NodeNetworkStatuses
{
    /// <summary>The problem for readiness; null if every part is ready.</summary>
    public static string? Problem(IEnumerable<PartReport> reports) =>
        reports.FirstOrDefault(report => !report.IsReady)?.Message;

    /// <summary>The next status, with transition times based on the previous one.</summary>
    /// <param name="before">The previous status.</param>
    /// <param name="reports">The current reports of the parts.</param>
    /// <param name="kernel">The last kernel measurement; null before the first.</param>
    /// <param name="generation">The generation of the object.</param>
    /// <param name="now">The current time.</param>
    public static NodeNetworkStatus Next(
        NodeNetworkStatus? before, IReadOnlyList<PartReport> reports, NodeKernel? kernel, long? generation,
        DateTimeOffset now)
    {
        // The condition of a disabled part is removed.
        IEnumerable<V1Condition> known = before?.Conditions ?? [];
        var conditions = known
            .Where(condition => condition.Type == ConditionTypes.Ready
                || reports.Any(report => report.Condition == condition.Type))
            .ToList() as IList<V1Condition>;
        foreach (var report in reports)
        {
            conditions = Conditions.With(
                conditions,
                report.Condition,
                ConditionStatus.FromBool(report.IsReady),
                report.Reason.Name,
                report.Message,
                generation, now);
        }

        var first = reports.FirstOrDefault(report => !report.IsReady);
        conditions = Conditions.With(
            conditions,
            ConditionTypes.Ready,
            ConditionStatus.FromBool(first is null),
            (first?.Reason ?? Reasons.Ready).Name,
            first?.Message ?? (reports.Count == 0 ? "No part is switched on" : "Every part works"),
            generation,
            now);
        return new NodeNetworkStatus
        {
            ObservedGeneration = generation,
            Parts = string.Join(", ", reports.Select(report => report.Part)),
            Egress = reports.Select(report => report.Egress).FirstOrDefault(egress => egress is not null),
            Kernel = kernel ?? before?.Kernel,
            Conditions = conditions,
        };
    }

    /// <summary>Whether both are equivalent.</summary>
    public static bool AreEqual(NodeNetworkStatus? left, NodeNetworkStatus right) =>
        left?.ObservedGeneration == right.ObservedGeneration
        && left?.Parts == right.Parts
        && AreSame(left?.Egress, right.Egress)
        && AreSame(left?.Kernel, right.Kernel)
        && (left?.Conditions ?? []).Select(Text).SequenceEqual((right.Conditions ?? []).Select(Text));

    private static bool AreSame<T>(T left, T right) =>
        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(left), JsonSerializer.SerializeToNode(right));

    private static (string, string, string, string, long?) Text(V1Condition condition) =>
        (condition.Type, condition.Status, condition.Reason, condition.Message, condition.ObservedGeneration);
}
