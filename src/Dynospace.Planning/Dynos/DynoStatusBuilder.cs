using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Dynos;

/// <summary>Builds the status of a dyno.</summary>
public static class DynoStatusBuilder
{
    /// <summary>Four addresses: network, node, dyno and broadcast.</summary>
    private const int SubnetPrefix = 30;

    private const int SubnetPrefix6 = 126;

    /// <summary>The status after the plan was applied with this outcome.</summary>
    public static DynoStatus Build(
        ObservedDyno observed, DynoPlan plan, ApplyOutcome outcome, PlatformOptions options, DateTimeOffset now)
    {
        var dyno = observed.Dyno;
        var verdict = Judge(observed, plan, outcome, options, now);
        var conditions = new ConditionTable(
            dyno.Status?.Conditions, dyno.Metadata.Generation, now, options.Cluster.StallAfter);
        conditions.Set(
            ConditionTypes.Up,
            ConditionStatus.FromBool(verdict.State == DynoState.Up),
            verdict.Reason,
            verdict.Message);
        conditions.SetReady(Sum(plan, outcome, verdict));
        var pod = plan.CurrentPod;
        var address = pod is null ? null : AddressInBlock(pod, observed);
        var both = pod?.Addresses is { Count: > 1 } several ? several : null;
        var last = pod?.Container?.LastTermination;
        var remembered = last is null && OneOff.HasEnded(dyno) ? dyno.Status : null;
        var hasGone = pod is null && plan.Pod is null && OneOff.HasBegun(observed) && OneOff.Is(dyno);
        return new()
        {
            ObservedGeneration = IsHeldBack(plan) ? dyno.Status?.ObservedGeneration : dyno.Metadata.Generation,
            Index = OneOff.IsNumberedByOperator(dyno) ? OneOff.NumberOf(observed) : null,
            State = verdict.State,
            Since = Since(dyno, verdict.State, now),
            Release = pod is not null
                ? pod.Release
                : plan.Pod is not null ? plan.Release : hasGone ? dyno.Status?.Release : null,
            Pod = pod?.Name
                ?? (outcome.Problem is null ? plan.Pod?.Metadata.Name : null)
                ?? (hasGone ? dyno.Status?.Pod : null),
            PodIP = pod?.IP,
            Address = address,
            Subnet = address is null ? null : SubnetOf(address),
            Addresses = address is null ? null : both?.ToList(),
            Subnets = address is null ? null : both?.Select(SubnetOf).ToList(),
            PodIPs = both?.ToList(),
            Node = pod?.Node ?? (hasGone ? dyno.Status?.Node : null),
            Restarts = pod?.Container?.Restarts,
            ExitCode = last?.ExitCode ?? remembered?.ExitCode,
            ExitReason = last is null ? remembered?.ExitReason : last.Reason,
            ExitedAt = last is null ? remembered?.ExitedAt : ApiTime.WholeSeconds(last.FinishedAt),
            Conditions = conditions.ToList(),
        };
    }

    /// <summary>
    /// The pod's address in its node's block; null if another network gave the pod an address outside it.
    /// </summary>
    private static string? AddressInBlock(PodFacts pod, ObservedDyno observed) =>
        pod.Node is { } node
        && observed.NodeBlocks.TryGetValue(node, out var range)
        && AddressBlock.TryParseObserved(range, out var block)
            ? pod.Addresses.FirstOrDefault(
                text => AddressBlock.TryParseObserved(text, out var address) && block.Contains(address))
            : null;

    /// <summary>
    /// The subnet of an address. A pod with an IPv4 address in its node's block has an IPv6 address of the same
    /// network, in a subnet of equal size.
    /// </summary>
    private static string SubnetOf(string address) => AddressBlock.TryParseObserved(address, out var block)
        ? block.Within(block.IsV6 ? SubnetPrefix6 : SubnetPrefix).ToString()
        : address;

    /// <summary>When to reconcile again because the passage of time changes the status; null for never.</summary>
    public static TimeSpan? RecheckAfter(
        ObservedDyno observed, DynoPlan plan, PlatformOptions options, DateTimeOffset now) =>
        plan.CurrentPod is { } pod && !OneOff.Is(observed.Dyno)
            ? PodDiagnosis.UntilProven(pod, observed.Dyno.Spec.ProcessType, options.Dynos, now) ?? plan.RecheckAfter
            : plan.RecheckAfter;

    /// <summary>
    /// A status without the time, written by an older operator, stays so until the state changes. Otherwise an upgrade
    /// would write the status of every dyno.
    /// </summary>
    private static DateTime? Since(Dyno dyno, DynoState state, DateTimeOffset now) =>
        dyno.Status?.State == state ? dyno.Status.Since : ApiTime.WholeSeconds(now);

    /// <summary>
    /// The running pod belongs to an earlier spec. The status keeps that spec's generation, or a rollout would count
    /// the dyno as updated.
    /// </summary>
    private static bool IsHeldBack(DynoPlan plan) => plan is { Problem: not null, CurrentPod: not null };

    private static DynoVerdict Judge(
        ObservedDyno observed, DynoPlan plan, ApplyOutcome outcome, PlatformOptions options, DateTimeOffset now)
    {
        var dyno = observed.Dyno;
        if (dyno.Metadata.DeletionTimestamp is not null)
        {
            var held = dyno.Metadata.Finalizers is { Count: > 0 } finalizers
                ? $" The object is kept by metadata.finalizers {string.Join(", ", finalizers)}: each goes when its "
                    + "owner has done its work, or remove it."
                : "";
            return new(DynoState.Stopping, Reasons.Deleting, $"The dyno is being stopped.{held}");
        }

        if (OneOff.Is(dyno) && OneOff.HasBegun(observed))
        {
            return plan.CurrentPod is { } result ? PodDiagnosis.OfOneOff(result) : Remembered(dyno);
        }

        if (plan.CurrentPod is { } pod)
        {
            return PodDiagnosis.OfFormation(pod, dyno.Spec.ProcessType, options.Dynos, now);
        }

        if ((plan.Problem ?? outcome.Problem) is { } problem)
        {
            return new(DynoState.Pending, problem.Reason, problem.Message);
        }

        return plan.Children.Deletions.Count > 0
            ? new(DynoState.Starting, Reasons.Replacing, "A new pod takes the place of the last one.")
            : new(DynoState.Starting, Reasons.Starting, "The pod is not ready yet.");
    }

    /// <summary>
    /// The verdict for a one-off without a pod: its recorded result, or a failure if none was recorded.
    /// </summary>
    private static DynoVerdict Remembered(Dyno dyno)
    {
        var before = Conditions.Find(dyno.Status?.Conditions, ConditionTypes.Up);
        return OneOff.HasEnded(dyno) && before is not null
            ? new(dyno.Status!.State!.Value, Reason.FromName(before.Reason), before.Message)
            : new(
                DynoState.Failed,
                Reasons.PodLost,
                "The pod went away before its process ended: create another Dyno to run it again.");
    }

    private static ReadyState Sum(DynoPlan plan, ApplyOutcome outcome, DynoVerdict verdict)
    {
        var problem = new Problem(verdict.Reason, verdict.Message);
        return verdict.State switch
        {
            DynoState.Up or DynoState.Complete => new(Progress.Done, verdict.Reason, verdict.Message),
            DynoState.Failed => ReadyState.Stalled(problem),
            DynoState.Pending when plan.Problem is null => ReadyState.FromFailure(outcome, problem),
            _ => ReadyState.FromProblem(problem),
        };
    }
}
