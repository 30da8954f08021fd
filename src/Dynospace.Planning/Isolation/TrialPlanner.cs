using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Spaces;

namespace Dynospace.Planning.Isolation;

/// <summary>
/// Decides the next step of a space's trial: make the target, when it answers make the probe, read its end, write that down. What is
/// written down gives the next trial other pods, so that those of this one are surplus then and go. Nothing else is remembered.
/// </summary>
public static class TrialPlanner
{
    /// <summary>From the target's making to the end. A probe takes at most some two minutes of it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>The plan for what was observed.</summary>
    /// <param name="observed">The space, before any of its plan was applied.</param>
    /// <param name="isSettled">Whether all policies are in place: while they move, a trial would be of neither the old nor the new.</param>
    /// <param name="options">The platform's options.</param>
    /// <param name="seed">A secret of this process.</param>
    /// <param name="now">The time.</param>
    public static TrialPlan Plan(ObservedSpace observed, bool isSettled, PlatformOptions options, string seed, DateTimeOffset now)
    {
        var last = observed.Space.Status?.Isolation;
        var kept = new TrialPlan { Record = last, Facts = TrialRecords.Read(last, options) };
        var isDeleting = observed.Space.Metadata.DeletionTimestamp is not null;
        if (isDeleting || observed.Cluster.IsSimulated || options.Isolation.TrialInterval is not { } interval)
        {
            return kept with { PodsToDelete = [.. Deletions(observed.Canaries)] };
        }

        if (!isSettled)
        {
            return kept;
        }

        var subject = TrialSubject.Of(observed);
        var pods = TrialPods.Of(observed.Space, subject, seed);
        var target = observed.Canaries.FirstOrDefault(pod => pod.Name == pods.Target);
        var probe = observed.Canaries.FirstOrDefault(pod => pod.Name == pods.Probe);
        kept = kept with { PodsToDelete = [.. Deletions(observed.Canaries.Where(pod => pod != target && pod != probe))] };
        if (target is not null || probe is not null)
        {
            return new TrialStep(observed, kept, subject, pods, options, now).Next(target, probe);
        }

        var remaining = TrialSchedule.Remaining(observed.Space, subject, interval, options, now);
        return remaining > TimeSpan.Zero
            ? kept with { RecheckAfter = remaining }
            : kept with { Pod = CanaryPodBuilder.Target(observed.Space, pods, options), RecheckAfter = Limit };
    }

    /// <summary>The plan after the API server refused its pod for good.</summary>
    public static TrialPlan Refused(TrialPlan plan, ObservedSpace observed, string why, PlatformOptions options, DateTimeOffset now)
    {
        var record = TrialRecords.Obstruct(plan.Record, $"A canary was refused: {why}", TrialSubject.Of(observed), now);
        return plan with { Pod = null, Record = record, Facts = TrialRecords.Read(record, options) };
    }

    internal static IEnumerable<PodDeletion> Deletions(IEnumerable<PodFacts> pods) =>
        pods.Where(pod => !pod.IsTerminating).Select(pod => new PodDeletion(pod.Name, pod.Uid, pod.Phase == PodPhase.Unknown ? 0 : null));
}
