using Dynospace.Api;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Isolation;

public sealed class TrialScheduleTests
{
    [Fact]
    public void The_next_trial_comes_after_the_interval_with_other_pods()
    {
        var trial = Tried();

        var rest = trial.Step();
        Assert.InRange(rest.RecheckAfter!.Value, TimeSpan.FromMinutes(13.5), TimeSpan.FromMinutes(15));
        trial.Now += rest.RecheckAfter.Value - TimeSpan.FromSeconds(1);
        Assert.Null(trial.Step().Pod);
        trial.Now += TimeSpan.FromSeconds(1);
        Assert.NotNull(trial.Step().Pod);

        Assert.Equal(3, trial.Made.Select(pod => pod.Metadata.Name).Distinct().Count());
    }

    public static TheoryData<string, Action<SimulatedTrial>> Changes => new()
    {
        { "a policy's spec", trial => trial.Policies[0] = trial.Policies[0] with { Generation = 2 } },
        { "a policy created again", trial => trial.Policies[0] = trial.Policies[0] with { Uid = "q" } },
        { "a policy more", trial => trial.Policies.Add(new() { Name = "allow-all", Uid = "f" }) },
        { "the network's agents", trial => trial.Cluster = trial.Cluster with { NetworkRevision = "cilium:2" } },
        { "a user asks", trial => trial.Space.Metadata.Annotations = new Dictionary<string, string>
        {
            [Annotations.VerifyIsolation] = "now",
        } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_of_what_was_tried_asks_for_a_trial_at_once(string what, Action<SimulatedTrial> change)
    {
        var trial = Tried();
        change(trial);

        Assert.True(trial.Step().Pod is not null, what);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_during_a_trial_starts_it_over(string what, Action<SimulatedTrial> change)
    {
        var trial = new SimulatedTrial();
        trial.Step();
        trial.TargetListens();
        trial.Step();
        change(trial);

        var plan = trial.Step();

        Assert.True(plan.Children.Deletions.Count == 2, what);
        Assert.Equal(CanaryRoles.Target, plan.Pod?.Metadata.Labels[Labels.Canary]);
        Assert.Single(trial.Pods);
    }

    [Fact]
    public void Another_process_starts_a_trial_over_and_keeps_the_last_result()
    {
        var trial = Tried();
        trial.Now += TimeSpan.FromHours(1);
        trial.Step();
        trial.TargetListens();
        trial.Step();
        trial.ProbeEnds(13);
        trial.Seed = "another";

        var plan = trial.Step();

        Assert.Equal(2, plan.Children.Deletions.Count);
        Assert.True(trial.Conclusion(plan)!.IsEnforced);
        Assert.True(trial.Conclusion(trial.Hold(0))!.IsEnforced);
        Assert.Empty(trial.Pods);
    }

    [Fact]
    public void Another_process_does_not_try_again_before_its_time()
    {
        var trial = Tried();
        trial.Seed = "another";

        Assert.Null(trial.Step().Pod);
    }

    [Fact]
    public void A_pod_that_only_looks_like_a_canary_of_the_trial_is_not_one()
    {
        var trial = new SimulatedTrial();
        trial.Pods.Add(Imitation("canary-probe-abc"));

        var plan = trial.Step();

        Assert.Equal("canary-probe-abc", Assert.Single(plan.Children.Deletions).Child.Name);
        Assert.Null(plan.Record);
    }

    [Fact]
    public void No_trial_begins_while_policies_move_and_one_that_runs_waits()
    {
        var trial = new SimulatedTrial { IsSettled = false };
        Assert.Null(trial.Step().Pod);
        trial.IsSettled = true;
        trial.Step();
        trial.IsSettled = false;

        Assert.Empty(trial.Step().Children.Deletions);
        Assert.Single(trial.Pods);
    }

    public static TheoryData<string, Action<SimulatedTrial>> Ends => new()
    {
        { "the Space goes", trial => trial.Space.Metadata.DeletionTimestamp = Sample.Now.UtcDateTime },
        { "the cluster simulates", trial => trial.Cluster = trial.Cluster with { IsSimulated = true } },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void Where_no_trial_may_be_held_the_canaries_go(string why, Action<SimulatedTrial> change)
    {
        var trial = new SimulatedTrial();
        trial.Step();
        change(trial);

        Assert.True(trial.Step().Children.Deletions.Count == 1, why);
        Assert.Null(trial.Step().Pod);
    }

    [Fact]
    public void Trials_can_be_switched_off()
    {
        var trial = new SimulatedTrial { Options = Sample.Options with { Isolation = new() { TrialInterval = null } } };

        var plan = trial.Step();

        Assert.Null(plan.Pod);
        Assert.Contains("enforcementInterval", trial.Conclusion(plan)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deleted_target_takes_the_probe_along_and_the_trial_begins_again()
    {
        var trial = new SimulatedTrial();
        trial.Step();
        trial.TargetListens();
        trial.Step();
        trial.Pods.RemoveAll(pod => pod.Canary!.Role == CanaryRoles.Target);

        trial.Step();
        Assert.Empty(trial.Pods);
        Assert.True(trial.Conclusion(trial.Hold(0))!.IsEnforced);
    }

    [Fact]
    public void An_outdated_cache_plans_the_same_pod_again()
    {
        var trial = new SimulatedTrial();

        Assert.Equal(trial.Plan().Pod!.Metadata.Name, trial.Plan().Pod!.Metadata.Name);
    }

    private static SimulatedTrial Tried()
    {
        var trial = new SimulatedTrial();
        trial.Hold(0);
        return trial;
    }

    private static PodFacts Imitation(string name) => new()
    {
        Namespace = "acme",
        Name = name,
        Uid = "i",
        OwnerUid = "uid-space-acme",
        Canary = new(CanaryRoles.Probe, Sample.Now),
        Phase = PodPhase.Succeeded,
        Container = new() { HasEnded = true, LastTermination = new(0, null, null) },
    };
}
