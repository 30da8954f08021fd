using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Dynos;

public sealed class OneOffTests
{
    private readonly App _app = Sample.App("shop", ("web", 1));

    public OneOffTests() => _app.Status = new() { Release = 1 };

    [Fact]
    public void People_cannot_run_a_release_phase()
    {
        var dyno = Sample.Dyno(_app, ProcessTypes.Release, 1);
        dyno.Metadata.OwnerReferences = null;

        Assert.Equal(Reasons.NotOneOff, Plan(Sample.Observed(dyno, _app)).Problem?.Reason);
    }

    [Fact]
    public void A_one_off_runs_the_release_that_is_out()
    {
        _app.Status = new() { Release = 2 };

        var plan = Plan(Run() with { Releases = [Sample.Release(), Sample.Release(2, "registry.example/shop:2")] });

        Assert.Equal("registry.example/shop:2", plan.Pod?.Spec.Containers[0].Image);
        Assert.Equal("Never", plan.Pod?.Spec.RestartPolicy);
    }

    [Theory]
    [InlineData(PodPhase.Succeeded, 0, DynoState.Complete, nameof(Reasons.Completed))]
    [InlineData(PodPhase.Failed, 3, DynoState.Failed, nameof(Reasons.Failed))]
    public void The_pod_of_a_one_off_that_ended_stays_and_is_its_result(
        PodPhase phase, int exitCode, DynoState state, string reason)
    {
        var pod = Running(Run()) with
        {
            Phase = phase,
            Container = new() { HasEnded = true, LastTermination = new(exitCode, null, null) },
        };
        var observed = Run() with { Pods = [pod] };

        var (plan, status) = (Plan(observed), Status(observed));

        Assert.Null(plan.Pod);
        Assert.Empty(plan.Children.Deleted<V1Pod>());
        Assert.Equal(
            (state, exitCode, reason),
            (status.State, status.ExitCode, Conditions.Find(status.Conditions, ConditionTypes.Up)?.Reason));
    }

    [Fact]
    public void A_one_off_whose_pod_was_lost_is_not_run_again()
    {
        var observed = Run();
        observed.Dyno.Status = new() { State = DynoState.Up, Pod = "shop-run-1-abc", Release = 1 };

        Assert.Null(Plan(observed).Pod);
        Assert.Equal(DynoState.Failed, Status(observed).State);
        Assert.Equal(Reasons.PodLost, Conditions.Find(Status(observed).Conditions, ConditionTypes.Up)?.Reason);
    }

    [Fact]
    public void The_result_of_a_one_off_outlives_its_pod()
    {
        var observed = Run() with
        {
            Pods =
            [
                Running(Run()) with
                {
                    Phase = PodPhase.Succeeded,
                    Container = new() { LastTermination = new(0, null, null) },
                },
            ],
        };
        observed.Dyno.Status = Status(observed);

        var later = Status(observed with { Pods = [] });

        Assert.True(later.IsEquivalentTo(WithoutPod(observed.Dyno.Status)));
        Assert.Null(Plan(observed with { Pods = [] }).Pod);
    }

    [Fact]
    public void A_one_off_is_not_moved_to_another_release()
    {
        var observed = Run() with { Pods = [Running(Run())] };
        _app.Status = new() { Release = 2 };

        Assert.Null(Plan(observed with { Releases = [Sample.Release(), Sample.Release(2)] }).Pod);
    }

    private static DynoStatus WithoutPod(DynoStatus status)
    {
        (status.PodIP, status.Restarts) = (null, null);
        return status;
    }

    private ObservedDyno Run() => Sample.Observed(Sample.Dyno(_app, "run", 1, release: null), _app);

    private static PodFacts Running(ObservedDyno observed) => Sample.PodOf(Plan(observed).Pod!);

    private static DynoPlan Plan(ObservedDyno observed) => DynoPlanner.Plan(observed, Sample.Options);

    private static DynoStatus Status(ObservedDyno observed) =>
        DynoStatusBuilder.Build(observed, Plan(observed), ApplyOutcome.Success, Sample.Options, Sample.Now);
}
