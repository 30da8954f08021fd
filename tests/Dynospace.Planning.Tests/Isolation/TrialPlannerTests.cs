using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Isolation;

public sealed class TrialPlannerTests
{
    [Fact]
    public void A_trial_makes_the_target_then_the_probe_then_a_record_and_leaves_nothing()
    {
        var trial = new SimulatedTrial();

        trial.Step();
        Assert.Equal([CanaryRoles.Target], Roles(trial));
        Assert.Null(trial.Step().Pod);
        trial.TargetListens();
        trial.Step();
        Assert.Equal([CanaryRoles.Target, CanaryRoles.Probe], Roles(trial));
        Assert.Null(trial.Step().Pod);
        Assert.Null(trial.Record);
        trial.ProbeEnds(0);
        trial.Step();
        Assert.Equal((TrialResult.Enforced, Sample.Now.UtcDateTime), (trial.Record!.Result, trial.Record.TriedAt));

        var rest = trial.Step();

        Assert.Empty(trial.Pods);
        Assert.Null(rest.Pod);
        Assert.Null(trial.Step().Pod);
        Assert.Equal(2, trial.Made.Count);
    }

    [Theory]
    [InlineData(0, ConditionStatus.True, nameof(Reasons.Enforced), "did not")]
    [InlineData(11, ConditionStatus.False, nameof(Reasons.NotEnforced), "enter pods")]
    [InlineData(12, ConditionStatus.False, nameof(Reasons.NotEnforced), "leave pods")]
    [InlineData(13, ConditionStatus.False, nameof(Reasons.NotEnforced), "enter and leave pods")]
    [InlineData(20, ConditionStatus.Unknown, nameof(Reasons.NotVerified), "did not pass")]
    [InlineData(1, ConditionStatus.Unknown, nameof(Reasons.NotVerified), "exit code 1")]
    [InlineData(10, ConditionStatus.Unknown, nameof(Reasons.NotVerified), "exit code 10")]
    [InlineData(127, ConditionStatus.Unknown, nameof(Reasons.NotVerified), "exit code 127")]
    public void The_probes_exit_code_becomes_the_condition(int code, string status, string reason, string part)
    {
        var trial = new SimulatedTrial();

        var conditions = trial.StatusOf(trial.Hold(code)).Conditions;

        var verified = Conditions.Find(conditions, ConditionTypes.IsolationVerified)!;
        Assert.Equal((status, reason), (verified.Status, verified.Reason));
        Assert.Contains(part, verified.Message, StringComparison.Ordinal);
        Assert.Equal(status != ConditionStatus.False, Conditions.IsTrue(conditions, ConditionTypes.Ready));
    }

    [Theory]
    [InlineData(0, nameof(Reasons.Enforced), "over IPv4 and IPv6")]
    [InlineData(11, nameof(Reasons.NotEnforced), "enter pods over IPv4")]
    [InlineData(20, nameof(Reasons.NotVerified), "A connection over IPv4")]
    [InlineData(41, nameof(Reasons.NotEnforced), "enter pods over IPv6")]
    [InlineData(42, nameof(Reasons.NotEnforced), "leave pods over IPv6")]
    [InlineData(43, nameof(Reasons.NotEnforced), "enter and leave pods over IPv6")]
    [InlineData(50, nameof(Reasons.NotVerified), "A connection over IPv6")]
    [InlineData(127, nameof(Reasons.NotVerified), "exit code 127")]
    public void A_network_that_enforces_one_family_is_told_from_one_that_enforces_both(
        int code, string reason, string part)
    {
        var trial = new SimulatedTrial();

        var conditions = trial.StatusOf(trial.Hold(code, "fd00:10:244::9")).Conditions;

        var verified = Conditions.Find(conditions, ConditionTypes.IsolationVerified)!;
        Assert.Equal(reason, verified.Reason);
        Assert.Contains(part, verified.Message, StringComparison.Ordinal);
        var probe = trial.Made.Single(pod => pod.Metadata.Labels[Labels.Canary] == CanaryRoles.Probe);
        Assert.Contains(probe.Spec.Containers[0].Env, variable => variable.Value == "10.244.1.9 [fd00:10:244::9]");
    }

    [Fact]
    public void Silence_of_a_target_that_stopped_listening_proves_nothing()
    {
        foreach (Func<PodFacts, PodFacts> stop in new Func<PodFacts, PodFacts>[]
        {
            pod => pod with { IsReady = false },
            pod => pod with { IsTerminating = true },
            pod => pod with { Container = new() { IsRunning = true, Restarts = 1 } },
        })
        {
            var trial = Probing();
            trial.Change(CanaryRoles.Target, stop);
            trial.ProbeEnds(0);
            trial.Step();

            Assert.Equal(TrialResult.NotVerified, trial.Record?.Result);
        }
    }

    [Fact]
    public void An_answer_that_must_not_come_proves_even_if_the_target_went_then()
    {
        var trial = Probing();
        trial.Change(CanaryRoles.Target, pod => pod with { IsReady = false });
        trial.ProbeEnds(13);
        trial.Step();

        Assert.Equal(TrialResult.NotEnforced, trial.Record?.Result);
    }

    public static TheoryData<string, Func<PodFacts, PodFacts>, string> Obstacles => new()
    {
        { CanaryRoles.Target, pod => pod with
        {
            IsUnschedulable = true,
            Message = "0/3 nodes are available",
        }, "No node takes pod canary-target-" },
        { CanaryRoles.Target, pod => pod with
        {
            Container = new() { WaitingReason = "ImagePullBackOff" },
        }, "busybox:1.36.1-1 cannot be pulled" },
        { CanaryRoles.Target, pod => pod with
        {
            Container = new() { WaitingReason = "CreateContainerConfigError", WaitingMessage = "runs as root" },
        }, "runs as root" },
        { CanaryRoles.Target, pod => pod with
        {
            Phase = PodPhase.Running,
            Container = new() { IsRunning = true },
        }, "did not finish in time" },
        { CanaryRoles.Target, pod => pod with { IsTerminating = true }, "does not end" },
        { CanaryRoles.Probe, pod => pod with { IsUnschedulable = true, Message = "too many pods" }, "too many pods" },
        { CanaryRoles.Probe, pod => pod with
        {
            Phase = PodPhase.Running,
            Container = new() { IsRunning = true },
        }, "did not finish in time" },
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public void What_keeps_a_trial_from_being_held_is_waited_for_and_then_recorded(
        string role, Func<PodFacts, PodFacts> change, string part)
    {
        var trial = role == CanaryRoles.Target ? Begun() : Probing();
        trial.Change(role, change);

        var waiting = trial.Step();
        Assert.Null(trial.Record);
        trial.Now += waiting.RecheckAfter!.Value;
        trial.Step();

        Assert.Equal(TrialResult.NotVerified, trial.Record?.Result);
        Assert.Contains(part, trial.Record!.Obstacle, StringComparison.Ordinal);
    }

    public static TheoryData<string, PodFacts, string> Losses => new()
    {
        { CanaryRoles.Target, Facts(PodPhase.Failed, "Evicted"), "ended too early: Evicted" },
        { CanaryRoles.Target, Facts(PodPhase.Unknown, "NodeLost"), "ended too early: NodeLost" },
        { CanaryRoles.Probe, Facts(PodPhase.Failed, "DeadlineExceeded"), "before it had an answer: DeadlineExceeded" },
        { CanaryRoles.Probe, Facts(PodPhase.Unknown, "NodeLost"), "ended too early: NodeLost" },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_pod_that_is_lost_ends_the_trial_at_once(string role, PodFacts lost, string part)
    {
        var trial = Probing();
        trial.Change(role, pod => pod with { Phase = lost.Phase, Reason = lost.Reason });
        trial.Step();

        Assert.Contains(part, trial.Record?.Obstacle, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_pod_is_reported_and_tried_again_later()
    {
        var trial = new SimulatedTrial();
        var refused = trial.Plan().Refused("exceeded quota", trial.Now);
        trial.Space.Status = new() { Isolation = refused.Record };

        Assert.Equal(
            "No trial could be held: A canary was refused: exceeded quota", trial.Conclusion(refused)?.Message);
        Assert.Null(trial.Step().Pod);
        trial.Now += trial.Options.Cluster.RecheckInterval;
        Assert.NotNull(trial.Step().Pod);
    }

    [Fact]
    public void What_was_open_stays_open_until_a_trial_shows_otherwise()
    {
        var trial = new SimulatedTrial();
        trial.Hold(13);
        trial.Now += TimeSpan.FromHours(1);

        var obstructed = trial.Hold(20);

        Assert.False(trial.Conclusion(obstructed)!.IsEnforced);
        Assert.Contains("enter and leave pods", trial.Conclusion(obstructed)!.Message, StringComparison.Ordinal);
        Assert.Contains(
            "No trial could be held since", trial.Conclusion(obstructed)!.Message, StringComparison.Ordinal);
        trial.Now += TimeSpan.FromHours(1);
        Assert.True(trial.Conclusion(trial.Hold(0))!.IsEnforced);
    }

    [Fact]
    public void What_was_enforced_is_unknown_when_it_cannot_be_tried_any_more()
    {
        var trial = new SimulatedTrial();
        trial.Hold(0);
        trial.Now += TimeSpan.FromHours(1);

        Assert.Null(trial.Conclusion(trial.Hold(20))!.IsEnforced);
    }

    [Fact]
    public void Policies_that_others_made_are_named_where_something_passes()
    {
        var trial = new SimulatedTrial();
        trial.Policies.Add(new() { Name = "allow-all", Uid = "f" });

        Assert.Contains("allow-all", trial.Conclusion(trial.Hold(11))!.Message, StringComparison.Ordinal);
    }

    private static SimulatedTrial Begun()
    {
        var trial = new SimulatedTrial();
        trial.Step();
        return trial;
    }

    private static SimulatedTrial Probing()
    {
        var trial = Begun();
        trial.TargetListens();
        trial.Step();
        return trial;
    }

    private static PodFacts Facts(PodPhase phase, string reason) =>
        new() { Namespace = "acme", Name = "", Uid = "", Phase = phase, Reason = reason };

    private static IEnumerable<string> Roles(SimulatedTrial trial) => trial.Pods.Select(pod => pod.Canary!.Role);
}
