using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Children;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Dynos;

public sealed class DynoPlannerTests
{
    private readonly App _app = Sample.App("shop", ("web", 1));

    public DynoPlannerTests() => _app.Status = new() { Release = 1 };

    [Fact]
    public void A_dyno_without_a_pod_gets_one()
    {
        var plan = Plan(Web());

        Assert.Null(plan.Problem);
        Assert.StartsWith("shop-web-1-", plan.Pod?.Metadata.Name, StringComparison.Ordinal);
        Assert.Empty(plan.Children.Deleted<V1Pod>());
    }

    [Fact]
    public void Planning_again_on_the_planned_state_plans_nothing()
    {
        var plan = Plan(Web(Running(Web())));

        Assert.Null(plan.Pod);
        Assert.Empty(plan.Children.Deleted<V1Pod>());
        Assert.NotNull(plan.CurrentPod);
    }

    [Fact]
    public void Planning_again_on_an_outdated_cache_gives_the_same_name() =>
        Assert.Equal(Plan(Web()).Pod?.Metadata.Name, Plan(Web()).Pod?.Metadata.Name);

    [Fact]
    public void A_new_release_makes_the_new_pod_as_it_stops_the_old_one()
    {
        var old = Running(Web());
        var observed = Web(old) with { Releases = [Sample.Release(), Sample.Release(2)] };
        observed.Dyno.Spec.Release = 2;

        var plan = Plan(observed);

        Assert.NotNull(plan.Pod);
        Assert.NotEqual(old.Name, plan.Pod.Metadata.Name);
        Assert.Equal([Deletion(old, grace: null)], plan.Children.Deletions);
        Assert.Null(plan.CurrentPod);
    }

    [Fact]
    public void A_new_size_makes_a_new_pod()
    {
        var observed = Web(Running(Web()));
        observed.Dyno.Spec.Size = DynoSizes.Standard2X;

        Assert.Equal("1Gi", Plan(observed).Pod?.Spec.Containers[0].Resources.Limits["memory"].ToString());
    }

    [Theory]
    [InlineData(PodPhase.Failed, null)]
    [InlineData(PodPhase.Succeeded, null)]
    [InlineData(PodPhase.Unknown, 0)]
    public void A_pod_that_was_evicted_or_lost_is_made_again(PodPhase phase, int? grace)
    {
        var lost = Running(Web()) with { Phase = phase };

        var plan = Plan(Web(lost));

        Assert.NotNull(plan.Pod);
        Assert.NotEqual(lost.Name, plan.Pod.Metadata.Name);
        Assert.Equal([Deletion(lost, grace)], plan.Children.Deletions);
    }

    [Fact]
    public void A_pod_that_is_being_deleted_holds_nothing_up()
    {
        var stopping = Running(Web()) with { IsTerminating = true };

        var plan = Plan(Web(stopping));

        Assert.NotNull(plan.Pod);
        Assert.NotEqual(stopping.Name, plan.Pod.Metadata.Name);
        Assert.Empty(plan.Children.Deleted<V1Pod>());
    }

    [Fact]
    public void Of_two_pods_the_ready_one_stays()
    {
        var first = Running(Web());
        var second = first with { Name = "shop-web-1-zzz", Uid = "second", IsReady = true };

        var plan = Plan(Web(first, second));

        Assert.Equal(second, plan.CurrentPod);
        Assert.Equal([first.Name], plan.Children.Deleted<V1Pod>().Select(pod => pod.Name));
    }

    [Fact]
    public void A_name_that_is_taken_is_avoided()
    {
        var name = Plan(Web()).Pod!.Metadata.Name;

        Assert.NotEqual(name, Plan(Web() with { TakenPodNames = [name] }).Pod?.Metadata.Name);
    }

    [Fact]
    public void Nothing_starts_before_the_space_is_isolated_and_what_runs_goes_on()
    {
        var blocked = Sample.ReadySpace() with { Blocker = new(Reasons.SpaceNotReady, "not isolated") };
        var old = Running(Web());
        var outdated = Web(old) with { Space = blocked, Releases = [Sample.Release(), Sample.Release(2)] };
        outdated.Dyno.Spec.Release = 2;

        Assert.Equal(Reasons.SpaceNotReady, Plan(Web() with { Space = blocked }).Problem?.Reason);
        Assert.Null(Plan(Web() with { Space = blocked }).Pod);
        Assert.Null(Plan(outdated).Pod);
        Assert.Empty(Plan(outdated).Children.Deleted<V1Pod>());
        Assert.Equal(old, Plan(outdated).CurrentPod);
        Assert.Null(Plan(Web(old) with { Space = blocked }).Problem);
    }

    [Fact]
    public void A_dyno_that_is_held_back_is_not_taken_for_moved()
    {
        var observed = Web(Running(Web()) with { IsReady = true, Container = new() { IsRunning = true } });
        observed.Dyno.Status = Status(observed);
        observed.Dyno.Spec.Size = DynoSizes.Standard2X;
        observed.Dyno.Metadata.Generation = 2;
        Assert.False(AppDynos.IsUp(observed.Dyno));

        observed.Dyno.Status = Status(
            observed with { Space = Sample.ReadySpace() with { Blocker = new(Reasons.SpaceNotReady, "m") } });

        Assert.Equal(DynoState.Up, observed.Dyno.Status.State);
        Assert.False(AppDynos.IsUp(observed.Dyno));
    }

    public static TheoryData<string, Func<ObservedDyno, ObservedDyno>, string> Refusals => new()
    {
        { "no App", observed => observed with { App = null }, Reasons.AppNotFound },
        { "no Space", observed => observed with { Space = null }, Reasons.SpaceNotFound },
        { "a Space that has not taken its namespace", observed => observed with
        {
            Space = null,
            SpaceExists = true,
        }, Reasons.SpaceNotReady },
        { "no such release", observed => observed with { Releases = [Sample.Release(9)] }, Reasons.ReleaseNotFound },
        { "made by people", observed => Disowned(observed), Reasons.NotOneOff },
        { "owned by a namesake of the App", observed => Disowned(observed, "another-uid"), Reasons.NotOneOff },
        { "restored", observed => Disowned(observed) with { IsOrphaned = true }, Reasons.Progressing },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_dyno_that_makes_no_sense_gets_no_pod_and_says_why(
        string what, Func<ObservedDyno, ObservedDyno> change, string reason)
    {
        var observed = change(Web());

        var plan = Plan(observed);
        var status = DynoStatusBuilder.Build(observed, plan, ApplyOutcome.Success, Sample.Options, Sample.Now);

        Assert.NotEmpty(what);
        Assert.Null(plan.Pod);
        Assert.Equal(reason, plan.Problem?.Reason);
        Assert.Equal(
            (DynoState.Pending, reason), (status.State, Conditions.Find(status.Conditions, ConditionTypes.Up)?.Reason));
    }

    /// <summary>Its App takes it over at once; an event would send people after nothing.</summary>
    [Fact]
    public void A_restored_dyno_raises_no_event()
    {
        var observed = Disowned(Web()) with { IsOrphaned = true };

        var status = DynoStatusBuilder.Build(
            observed, Plan(observed), ApplyOutcome.Success, Sample.Options, Sample.Now);

        Assert.Empty(Transitions.Between(null, status.Conditions));
    }

    [Fact]
    public void A_dyno_that_is_being_deleted_runs_no_longer_even_if_a_finalizer_holds_it()
    {
        var running = Running(Web());
        var observed = Web() with
        {
            Pods = [running, running with { Name = "ended", Uid = "ended", Phase = PodPhase.Succeeded }],
        };
        observed.Dyno.Metadata.DeletionTimestamp = Sample.Now.UtcDateTime;
        observed.Dyno.Metadata.Finalizers = ["tenant.example/hold"];

        Assert.Null(Plan(observed).Pod);
        Assert.Equal([running.Uid], Plan(observed).Children.Deleted<V1Pod>().Select(pod => pod.Uid));
        Assert.Equal(DynoState.Stopping, Status(observed).State);
    }

    [Fact]
    public void A_condition_shows_that_the_API_server_refused_the_pod()
    {
        var observed = Web();

        var quota = new ApplyOutcome(new(Reasons.ApplyFailed, "quota"), IsRetrying: false);
        var status = DynoStatusBuilder.Build(observed, Plan(observed), quota, Sample.Options, Sample.Now);

        Assert.Equal(DynoState.Pending, status.State);
        Assert.Null(status.Pod);
        Assert.Equal(Reasons.ApplyFailed, Conditions.Find(status.Conditions, ConditionTypes.Up)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Reconciling));
    }

    [Fact]
    public void A_lone_dyno_on_a_cordoned_node_runs_on_until_its_successor_is_ready()
    {
        var old = Running(Web()) with { Node = "leaving", IsReady = true };
        var started = Plan(Drained(old));
        Assert.NotNull(started.Pod);
        Assert.NotEqual(old.Name, started.Pod.Metadata.Name);
        Assert.Empty(started.Children.Deletions);
        Assert.Equal(old, started.CurrentPod);

        var next = Sample.PodOf(started.Pod, "uid-next");
        var waiting = Plan(Drained(old, next));
        Assert.Null(waiting.Pod);
        Assert.Empty(waiting.Children.Deletions);
        Assert.Equal(old, waiting.CurrentPod);

        next = next with { Node = "other", IsReady = true };
        var moved = Plan(Drained(old, next));
        Assert.Null(moved.Pod);
        Assert.Equal([old.Uid], moved.Children.Deleted<V1Pod>().Select(pod => pod.Uid));
        Assert.Equal(next, moved.CurrentPod);
    }

    [Fact]
    public void A_node_that_is_given_back_keeps_its_dyno_and_the_successor_goes()
    {
        var old = Running(Web()) with { Node = "leaving", IsReady = true };
        var next = Sample.PodOf(Plan(Drained(old)).Pod!, "uid-next");

        var plan = Plan(Web(old, next));

        Assert.Equal([next.Uid], plan.Children.Deleted<V1Pod>().Select(pod => pod.Uid));
    }

    [Fact]
    public void Of_several_dynos_none_moves_before_it_is_evicted()
    {
        _app.Spec.Processes![0].Quantity = 2;
        var old = Running(Web()) with { Node = "leaving", IsReady = true };

        Assert.Null(Plan(Drained(old)).Pod);
    }

    [Fact]
    public void Without_proof_of_isolation_no_successor_starts()
    {
        var old = Running(Web()) with { Node = "leaving", IsReady = true };
        var observed = Drained(old) with
        {
            Space = Sample.ReadySpace() with { Blocker = new(Reasons.SpaceNotReady, "not proven") },
        };

        Assert.Null(Plan(observed).Pod);
        Assert.Empty(Plan(observed).Children.Deletions);
    }

    [Fact]
    public void Changed_labels_of_a_pod_are_put_back()
    {
        var pod = Running(Web());
        Assert.Empty(Plan(Web(pod)).Relabelled);

        var changed = Assert.Single(Plan(Web(pod with { LabelDigest = 1 })).Relabelled);

        Assert.Equal((pod.Name, pod.Uid), (changed.Name, changed.Uid));
        Assert.Equal("web", changed.Labels[Labels.ProcessType]);
        Assert.Equal("public", changed.Labels[Labels.Routing]);
        Assert.Equal("uid-shop-web-1", changed.Labels[Labels.OwnerUid]);
        Assert.Null(Plan(Web(pod with { LabelDigest = 1 })).Pod);
    }

    [Fact]
    public void Changed_labels_of_a_one_off_are_put_back()
    {
        var run = Sample.Dyno(_app, "run", 1);
        var observed = Sample.Observed(run, _app);
        var pod = Running(observed);

        var plan = Plan(observed with { Pods = [pod with { LabelDigest = 1 }] });

        Assert.Equal("none", Assert.Single(plan.Relabelled).Labels[Labels.Routing]);
        Assert.Empty(Plan(observed with { Pods = [pod] }).Relabelled);
    }

    [Fact]
    public void A_dyno_that_a_finalizer_keeps_names_it()
    {
        var observed = Web();
        observed.Dyno.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        observed.Dyno.Metadata.Finalizers = ["tenant.example/hold"];

        var up = Conditions.Find(Status(observed).Conditions, ConditionTypes.Up);

        Assert.Equal((ConditionStatus.False, Reasons.Deleting.Name), (up?.Status, up?.Reason));
        Assert.Contains("tenant.example/hold", up!.Message, StringComparison.Ordinal);
    }

    private ObservedDyno Drained(params PodFacts[] pods) =>
        Web(pods) with { CordonedNodes = new HashSet<string> { "leaving" } };

    private static ObservedDyno Disowned(ObservedDyno observed, string? owner = null)
    {
        observed.Dyno.Metadata.OwnerReferences = owner is null ? null : [new() { Uid = owner, Controller = true }];
        return observed;
    }

    private ObservedDyno Web(params PodFacts[] pods) => Sample.Observed(Sample.Dyno(_app, "web", 1), _app, pods);

    private static PodFacts Running(ObservedDyno observed) => Sample.PodOf(Plan(observed).Pod!);

    private static PlannedDeletion Deletion(PodFacts pod, int? grace) =>
        new(ChildIdentity.For<V1Pod>(pod.Namespace, pod.Name, pod.Uid)) { GraceSeconds = grace };

    private static DynoPlan Plan(ObservedDyno observed) => DynoPlanner.Plan(observed, Sample.Options);

    private static DynoStatus Status(ObservedDyno observed) =>
        DynoStatusBuilder.Build(observed, Plan(observed), ApplyOutcome.Success, Sample.Options, Sample.Now);
}
