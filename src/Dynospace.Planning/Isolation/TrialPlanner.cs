// Isolation: plans the isolation trial, which shows whether the cluster's network enforces policies.

using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Children;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Isolation;

// The isolation trial: two pods of a space, the canaries, test whether the cluster's network enforces the space's
// policies. It is a state machine without its own memory: the next step follows from the canaries, the last record and
// the subject.

/// <summary>The input of a trial's next step.</summary>
public sealed record ObservedTrial
{
    /// <summary>The Space, with the record of its last trial in its status.</summary>
    public required Space Space { get; init; }

    /// <summary>The observed cluster.</summary>
    public required ClusterFacts Cluster { get; init; }

    /// <summary>All policies of the namespace.</summary>
    public required IReadOnlyList<PolicyFacts> Policies { get; init; }

    /// <summary>The canaries of this Space, by uid, in any state.</summary>
    public required IReadOnlyList<PodFacts> Canaries { get; init; }

    /// <summary>
    /// A secret of this process from which the canaries' names are derived; null if no trial is held.
    /// </summary>
    public string? Seed { get; init; }

    /// <summary>The time of the observation.</summary>
    public DateTimeOffset Now { get; init; }
}

/// <summary>The plan for a space's trial.</summary>
public sealed record TrialPlan
{
    /// <summary>The record of the last trial before this step.</summary>
    public IsolationTrial? Before { get; init; }

    /// <summary>The record of the last trial after this step, for the status; null if none was held.</summary>
    public IsolationTrial? Record { get; init; }

    /// <summary>The canary to create and the canaries to delete.</summary>
    public ChildPlan Children { get; init; } = ChildPlan.Empty;

    /// <summary>The hash of the subject of the trial.</summary>
    public string Subject { get; init; } = "";

    /// <summary>When to reconcile again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>The canary to create; null for none.</summary>
    public V1Pod? Pod => Children.All<V1Pod>().FirstOrDefault();

    /// <summary>
    /// The plan while policies are being written. A step at that time would test neither the old nor the new policies.
    /// </summary>
    public TrialPlan WhileUnsettled() => new() { Before = Before, Record = Before };

    /// <summary>The plan after the API server permanently refused its canary.</summary>
    public TrialPlan Refused(string why, DateTimeOffset now) => this with
    {
        Children = Children with { Objects = [] },
        Record = TrialRecords.Obstruct(Record, $"A canary was refused: {why}", Subject, now),
    };
}

/// <summary>
/// Decides the next step of a space's trial: create the target; when it answers, create the probe; when that ends,
/// record the result. The record changes the names of the next trial's pods, so the current pods are surplus and are
/// deleted. There is no other state.
/// </summary>
public static class TrialPlanner
{
    /// <summary>
    /// The time limit from the target's creation to the end. A probe takes at most about two minutes of it.
    /// </summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>The plan for the observed state.</summary>
    public static TrialPlan Plan(ObservedTrial observed, PlatformOptions options)
    {
        var last = observed.Space.Status?.Isolation;
        var kept = new TrialPlan { Before = last, Record = last };
        var isDeleting = observed.Space.Metadata.DeletionTimestamp is not null;
        if (isDeleting
            || observed.Cluster.IsSimulated
            || observed.Seed is null
            || options.Isolation.TrialInterval is not { } interval)
        {
            return kept with { Children = Deleting(observed.Canaries) };
        }

        var subject = TrialSubject.Hash(observed);
        var pods = TrialPods.Derive(observed.Space, subject, observed.Seed);
        var target = observed.Canaries.FirstOrDefault(pod => pod.Name == pods.Target);
        var probe = observed.Canaries.FirstOrDefault(pod => pod.Name == pods.Probe);
        kept = kept with
        {
            Subject = subject,
            Children = Deleting(observed.Canaries.Where(pod => pod != target && pod != probe)),
        };
        if (target is not null || probe is not null)
        {
            return new TrialStep(observed, kept, pods, options).Next(target, probe);
        }

        var remaining = TrialSchedule.Remaining(observed.Space, subject, interval, options, observed.Now);
        return remaining > TimeSpan.Zero
            ? kept with { RecheckAfter = remaining }
            : kept with
            {
                Children = Making(kept.Children, CanaryPodBuilder.Target(observed.Space, pods, options)),
                RecheckAfter = Limit,
            };
    }

    /// <summary>A canary is only created, so that another user's pod of the same name never counts as one.</summary>
    internal static ChildPlan Making(ChildPlan plan, V1Pod pod) =>
        plan with { Objects = [new PlannedObject(pod) { Guard = ChildGuard.CreateOnly }] };

    internal static ChildPlan Deleting(IEnumerable<PodFacts> pods) => new()
    {
        Deletions =
        [
            .. pods.Where(pod => !pod.IsTerminating)
                .Select(pod => new PlannedDeletion(ChildIdentity.For<V1Pod>(pod.Namespace, pod.Name, pod.Uid))
                {
                    Timing = DeletionTiming.First,
                    // A pod on a lost node gets no grace period, since no kubelet can confirm its end.
                    GraceSeconds = pod.Phase == PodPhase.Unknown ? 0 : null,
                }),
        ],
    };
}

/// <summary>The next step of a trial that has begun.</summary>
internal sealed class TrialStep(ObservedTrial observed, TrialPlan kept, TrialPods pods, PlatformOptions options)
{
    public TrialPlan Next(PodFacts? target, PodFacts? probe)
    {
        var remaining = Remaining((target ?? probe)!);
        if (target is null)
        {
            // The target was deleted. Without it the probe shows nothing; once the probe is gone, the trial starts
            // again.
            return kept with
            {
                Children = TrialPlanner.Deleting(observed.Canaries),
                RecheckAfter = remaining > TimeSpan.Zero ? remaining : TrialPlanner.Limit,
            };
        }

        if (probe is { HasEnded: true, IsTerminating: false })
        {
            return Concluded(TrialVerdict.Read(target, probe, ForeignPolicies()));
        }

        if (IsLost(target) || IsLost(probe) || remaining <= TimeSpan.Zero)
        {
            return Obstructed(TrialDiagnosis.Explain(IsLost(target) || probe is null ? target : probe, options));
        }

        var isListening = target is { IsReady: true, IsTerminating: false, Addresses.Count: > 0 };
        return kept with
        {
            Children = isListening && probe is null
                ? TrialPlanner.Making(
                    kept.Children, CanaryPodBuilder.Probe(observed.Space, pods, target.Addresses, options))
                : kept.Children,
            RecheckAfter = remaining,
        };
    }

    private static bool IsLost(PodFacts? pod) =>
        pod is { IsTerminating: false } and ({ HasEnded: true } or { Phase: PodPhase.Unknown });

    private TimeSpan Remaining(PodFacts pod) =>
        (pod.Canary?.CreatedAt ?? observed.Now) + TrialPlanner.Limit - observed.Now;

    private TrialPlan Concluded(TrialVerdict verdict) =>
        verdict.Result == TrialResult.NotVerified
            ? Obstructed(verdict.Message)
            : kept with { Record = TrialRecords.Conclude(verdict.Result, verdict.Message, kept.Subject, observed.Now) };

    private TrialPlan Obstructed(string obstacle) =>
        kept with { Record = TrialRecords.Obstruct(kept.Record, obstacle, kept.Subject, observed.Now) };

    private string ForeignPolicies()
    {
        var foreign = observed.Policies.Where(policy => policy.Space is null).Select(policy => policy.Name);
        var names = string.Join(", ", foreign.Order(StringComparer.Ordinal));
        return names.Length == 0
            ? ""
            : $" Or one of these policies, which the operator did not make, allows them: {names}.";
    }
}

/// <summary>
/// The names of one trial's pods. They are derived from a secret of this process, the last trial and the subject.
/// Planning again finds the same pods, the next trial has others, and no user can create one in advance.
/// </summary>
/// <param name="Suffix">The suffix that is unique to the trial.</param>
internal sealed record TrialPods(string Suffix)
{
    private const int SuffixLength = 10;

    public string Target => $"canary-{CanaryRoles.Target}-{Suffix}";

    public string Probe => $"canary-{CanaryRoles.Probe}-{Suffix}";

    /// <summary>The answer of the target.</summary>
    public string Answer => $"canary {Suffix}";

    public static TrialPods Derive(Space space, string subject, string seed) =>
        new(new StableHash()
            .Add(seed)
            .Add(space.Metadata.Uid)
            .Add(space.Status?.Isolation?.TriedAt.Ticks ?? 0)
            .Add(subject)
            .ToNameSuffix(SuffixLength));
}

/// <summary>The hash of the subject of a trial. When it changes, the last result is no longer valid.</summary>
internal static class TrialSubject
{
    public static string Hash(ObservedTrial observed) =>
        new StableHash()
            .Add(observed.Policies
                .Select(
                    policy => string.Create(
                        CultureInfo.InvariantCulture, $"{policy.Name}/{policy.Uid}/{policy.Generation}"))
                .Order(StringComparer.Ordinal)
                .ToArray())
            .Add(observed.Cluster.NetworkRevision)
            .Add(
                observed.Space.Metadata.Annotations?.TryGetValue(Annotations.VerifyIsolation, out var asked) == true
                    ? asked
                    : null)
            .ToHex();
}

/// <summary>Schedules the next trial.</summary>
internal static class TrialSchedule
{
    /// <summary>
    /// Spreads trials that coincide, for example after a start of the operator, by up to this share of the interval.
    /// </summary>
    private const double Spread = 0.1;

    /// <summary>The time until the next trial; zero or less when it is due.</summary>
    public static TimeSpan Remaining(
        Space space, string subject, TimeSpan interval, PlatformOptions options, DateTimeOffset now)
    {
        if (space.Status?.Isolation is not { } last || last.Subject != subject)
        {
            return TimeSpan.Zero;
        }

        var pause = last.Obstacle is null || interval < options.Cluster.RecheckInterval
            ? interval
            : options.Cluster.RecheckInterval;
        return new DateTimeOffset(last.TriedAt, TimeSpan.Zero) + (pause * (1 - (Spread * ShareOf(space)))) - now;
    }

    /// <summary>A number from 0 to 1, derived from the space.</summary>
    private static double ShareOf(Space space)
    {
        var digits = new StableHash().Add(space.Metadata.Uid).ToHex().AsSpan(0, 4);
        return ushort.Parse(
            digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) / (double)ushort.MaxValue;
    }
}
