using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Planning.Status;
using k8s.Models;

namespace Dynospace.NodeAgent.Status;

// What the agent says of itself: its readiness, and the status of its node's NodeNetwork.

/// <summary>How a part of the agent fares.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Condition">The type of its condition.</param>
/// <param name="Reason">Why it is ready or not.</param>
/// <param name="Message">The same in words.</param>
public sealed record PartReport(string Part, string Condition, Reason Reason, string Message)
{
    /// <summary>What the part does for fixed IPs; null if that is not its work.</summary>
    public NodeEgress? Egress { get; init; }

    public bool IsReady => Reason == Reasons.Ready;
}

/// <summary>A part of the agent, which is switched on.</summary>
public interface IAgentPart
{
    /// <summary>How it fares now.</summary>
    PartReport Report { get; }

    /// <summary>Does its work until cancelled. What it wrote stays.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>The status of parts. Pure.</summary>
public static class NodeNetworkStatuses
{
    /// <summary>The problem that readiness names; null if every part is ready.</summary>
    public static string? Problem(IEnumerable<PartReport> reports) =>
        reports.FirstOrDefault(report => !report.IsReady)?.Message;

    /// <summary>The status, with the transition times of the one before.</summary>
    /// <param name="before">The status so far.</param>
    /// <param name="reports">How the parts fare now.</param>
    /// <param name="kernel">What was measured; null before that.</param>
    /// <param name="generation">The generation of the object.</param>
    /// <param name="now">The current time.</param>
    public static NodeNetworkStatus Next(
        NodeNetworkStatus? before, IReadOnlyList<PartReport> reports, NodeKernel? kernel, long? generation,
        DateTimeOffset now)
    {
        // The condition of a part that was switched off goes.
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

    /// <summary>Whether both say the same.</summary>
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
