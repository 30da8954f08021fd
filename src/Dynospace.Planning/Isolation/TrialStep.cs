using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Spaces;

namespace Dynospace.Planning.Isolation;

/// <summary>The next step of a trial that has begun.</summary>
internal sealed class TrialStep(
    ObservedSpace observed, TrialPlan kept, string subject, TrialPods pods, PlatformOptions options, DateTimeOffset now)
{
    public TrialPlan Next(PodFacts? target, PodFacts? probe)
    {
        var remaining = Remaining((target ?? probe)!);
        if (target is null)
        {
            // Somebody took the target away: without it the probe tells nothing, and when it is gone the trial begins again.
            return kept with
            {
                PodsToDelete = [.. kept.PodsToDelete, .. TrialPlanner.Deletions([probe!])],
                RecheckAfter = Limited(remaining),
            };
        }

        if (probe is { HasEnded: true, IsTerminating: false })
        {
            return Concluded(TrialVerdict.Of(target, probe, ForeignPolicies()));
        }

        if (IsLost(target) || IsLost(probe) || remaining <= TimeSpan.Zero)
        {
            return Obstructed(TrialDiagnosis.Of(IsLost(target) || probe is null ? target : probe, options));
        }

        var isListening = target is { IsReady: true, IsTerminating: false, IP.Length: > 0 };
        return kept with
        {
            Pod = isListening && probe is null ? CanaryPodBuilder.Probe(observed.Space, pods, target.IP!, options) : null,
            RecheckAfter = remaining,
        };
    }

    private static bool IsLost(PodFacts? pod) => pod is { IsTerminating: false } and ({ HasEnded: true } or { Phase: PodPhase.Unknown });

    private static TimeSpan Limited(TimeSpan remaining) => remaining > TimeSpan.Zero ? remaining : TrialPlanner.Limit;

    private TimeSpan Remaining(PodFacts pod) => (pod.Canary?.CreatedAt ?? now) + TrialPlanner.Limit - now;

    private TrialPlan Concluded(TrialVerdict verdict) =>
        verdict.Result == TrialResult.NotVerified
            ? Obstructed(verdict.Message)
            : Recorded(TrialRecords.Conclude(verdict.Result, verdict.Message, subject, now));

    private TrialPlan Obstructed(string obstacle) => Recorded(TrialRecords.Obstruct(kept.Record, obstacle, subject, now));

    private TrialPlan Recorded(IsolationTrial record) => kept with { Record = record, Facts = TrialRecords.Read(record, options) };

    private string ForeignPolicies()
    {
        var foreign = observed.Policies.Where(policy => policy.Space is null).Select(policy => policy.Name);
        var names = string.Join(", ", foreign.Order(StringComparer.Ordinal));
        return names.Length == 0 ? "" : $" Or one of these policies, which the operator did not make, allows them: {names}.";
    }
}
