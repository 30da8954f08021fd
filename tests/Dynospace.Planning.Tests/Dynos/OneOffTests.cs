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
        observed.Dyno.Status = new() { State = DynoState.Up, Pod = "shop--run-1-abc", Release = 1 };

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

    [Fact]
    public void A_run_with_a_generated_name_is_given_a_free_number_and_keeps_it()
    {
        var observed = Generated();
        var status = Status(observed);
        var number = status.Index!.Value;

        Assert.InRange(number, 1000, 9999);
        Assert.Contains($"--run-{number}-", Plan(observed).Pod!.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal(
            $"run.{number}",
            Plan(observed).Pod!.Spec.Containers[0].Env.Single(variable => variable.Name == "DYNO").Value);
        Assert.Equal("shop.run.x7k2p", Plan(observed).Pod!.Metadata.Labels[Labels.Dyno]);

        // Another run was given this number meanwhile; the pod has it already.
        var taken = observed with { TakenNumbers = new HashSet<int> { number } };
        Assert.Equal(number + 1, Status(taken).Index);
        Assert.Equal(number, Status(taken with { Pods = [Running(observed)] }).Index);
        observed.Dyno.Status = status;
        Assert.Equal(number, Status(taken).Index);
    }

    [Theory]
    [InlineData(DynoState.Complete, 61, true)]
    [InlineData(DynoState.Failed, 61, true)]
    [InlineData(DynoState.Complete, 59, false)]
    [InlineData(DynoState.Up, 61, false)]
    public void A_run_with_a_generated_name_goes_an_hour_after_its_end(DynoState state, int minutes, bool goes)
    {
        var observed = Generated() with { Now = Sample.Now };
        observed.Dyno.Status = new()
        {
            State = state,
            Index = 9157,
            Pod = "shop--run-9157-x",
            Since = Sample.Now.AddMinutes(-minutes).UtcDateTime,
        };

        var plan = Plan(observed);

        Assert.Equal(goes ? ["shop.run.x7k2p"] : [], plan.Children.Deleted<Dyno>().Select(dyno => dyno.Name));
        Assert.Equal(
            goes || state == DynoState.Up ? null : TimeSpan.FromMinutes(60 - minutes),
            plan.RecheckAfter);
    }

    [Fact]
    public void A_run_with_a_name_of_its_own_stays()
    {
        var observed = Run() with { Now = Sample.Now };
        observed.Dyno.Status = new() { State = DynoState.Complete, Since = Sample.Now.AddDays(-2).UtcDateTime };

        Assert.Empty(Plan(observed).Children.Deletions);
    }

    [Fact]
    public void A_run_has_variables_and_a_terminal_of_its_own()
    {
        var observed = Generated();
        (observed.Dyno.Spec.Env, observed.Dyno.Spec.Stdin, observed.Dyno.Spec.Tty) =
            (new Dictionary<string, string> { ["A"] = "$1", ["LOG_LEVEL"] = "debug" }, true, true);
        var release = Sample.Release() with
        {
            Config = new Dictionary<string, string> { ["LOG_LEVEL"] = "info", ["B"] = "2" },
        };

        var container = Plan(observed with { Releases = [release] }).Pod!.Spec.Containers[0];

        Assert.Equal(
            ["B=2", "A=$$1", "LOG_LEVEL=debug"],
            container.Env.Where(variable => variable.Name != "DYNO")
                .Select(variable => $"{variable.Name}={variable.Value}"));
        Assert.Equal((true, true, true), (container.Stdin, container.StdinOnce, container.Tty));
    }

    private ObservedDyno Generated()
    {
        var dyno = Sample.Dyno(_app, "run", 1, release: null);
        dyno.Metadata.Name = "shop.run.x7k2p";
        dyno.Spec.Index = 0;
        return Sample.Observed(dyno, _app);
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
