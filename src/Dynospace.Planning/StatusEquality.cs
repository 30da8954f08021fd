using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using k8s.Models;

namespace Dynospace.Planning;

/// <summary>Whether a status says the same as another: writing it would wake its own controller for ever.</summary>
public static class StatusEquality
{
    /// <summary>Whether nothing would change.</summary>
    public static bool IsEquivalentTo(this SpaceStatus status, SpaceStatus? other) =>
        other is not null
        && status.ObservedGeneration == other.ObservedGeneration
        && status.Namespace == other.Namespace
        && status.Apps == other.Apps
        && status.Dynos == other.Dynos
        && status.Router?.PublicAddress == other.Router?.PublicAddress
        && status.Router?.InternalAddress == other.Router?.InternalAddress
        && Same(status.OutboundIPs, other.OutboundIPs)
        && Same(status.DeniedRanges, other.DeniedRanges)
        && Same(status.Isolation, other.Isolation)
        && SameConditions(status.Conditions, other.Conditions);

    /// <summary>Whether nothing would change.</summary>
    public static bool IsEquivalentTo(this AppStatus status, AppStatus? other) =>
        other is not null
        && status.ObservedGeneration == other.ObservedGeneration
        && status.Release == other.Release
        && status.Formation == other.Formation
        && status.Dynos == other.Dynos
        && status.Replicas == other.Replicas
        && status.Selector == other.Selector
        && Same(status.Hosts, other.Hosts)
        && SameConditions(status.Conditions, other.Conditions);

    /// <summary>Whether nothing would change.</summary>
    public static bool IsEquivalentTo(this DynoStatus status, DynoStatus? other) =>
        other is not null
        && status.ObservedGeneration == other.ObservedGeneration
        && status.State == other.State
        && status.Release == other.Release
        && status.Pod == other.Pod
        && status.PodIP == other.PodIP
        && status.Node == other.Node
        && status.Restarts == other.Restarts
        && status.ExitCode == other.ExitCode
        && SameConditions(status.Conditions, other.Conditions);

    private static bool Same(IList<string>? left, IList<string>? right) => (left ?? []).SequenceEqual(right ?? [], StringComparer.Ordinal);

    private static bool Same(IsolationTrial? left, IsolationTrial? right) =>
        left is null || right is null
            ? left is null && right is null
            : left.TriedAt == right.TriedAt
                && left.Result == right.Result
                && left.Subject == right.Subject
                && left.Message == right.Message
                && left.Obstacle == right.Obstacle;

    private static bool SameConditions(IList<V1Condition>? left, IList<V1Condition>? right)
    {
        if ((left?.Count ?? 0) != (right?.Count ?? 0))
        {
            return false;
        }

        for (var i = 0; i < (left?.Count ?? 0); i++)
        {
            if (!Same(left![i], right![i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Same(V1Condition left, V1Condition right) =>
        left.Type == right.Type
        && left.Status == right.Status
        && left.Reason == right.Reason
        && left.Message == right.Message
        && left.ObservedGeneration == right.ObservedGeneration
        && left.LastTransitionTime == right.LastTransitionTime;
}
