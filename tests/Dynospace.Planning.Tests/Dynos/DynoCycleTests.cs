using Dynospace.Planning.Dynos;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Dynos;

/// <summary>Dynos that are replaced for their age.</summary>
public sealed class DynoCycleTests
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan Window = Day * 0.15;

    private static readonly PlatformOptions Daily = Sample.Options with
    {
        Dynos = Sample.Options.Dynos with { CycleAfter = Day },
    };

    [Fact]
    public void No_dyno_is_replaced_for_its_age_unless_it_is_asked_for()
    {
        var plan = Plan(Sample.Options, Sample.Now.AddDays(300), Made("a"));

        Assert.Null(plan.Pod);
        Assert.Null(plan.RecheckAfter);
    }

    [Fact]
    public void Each_goes_at_a_time_of_its_own_within_the_window_after_the_day()
    {
        var times = Enumerable.Range(0, 200).Select(number => Until(Made($"uid-{number}"), Sample.Now)).ToList();

        Assert.All(times, time => Assert.InRange(time, Day, Day + Window));
        Assert.True(times.Distinct().Count() > 150, $"{times.Distinct().Count()} of 200 differ");
        Assert.Equal(times[7], Until(Made("uid-7"), Sample.Now));
    }

    /// <summary>After the option was set, or the operator was away for long.</summary>
    [Fact]
    public void Those_that_are_late_do_not_go_together()
    {
        var now = Sample.Now.AddDays(30);

        var times = Enumerable.Range(0, 200).Select(number => Until(Made($"uid-{number}"), now)).ToList();

        Assert.All(times, time => Assert.InRange(time, TimeSpan.Zero, Window));
        Assert.InRange(times.Count(time => time == TimeSpan.Zero), 0, 20);
    }

    [Fact]
    public void Its_successor_comes_first_and_the_old_pod_goes_when_that_is_ready()
    {
        var old = Made("uid-old") with { IsReady = true };
        var due = Sample.Now + Until(old, Sample.Now);

        var before = Plan(Daily, due.AddMinutes(-1), old);
        Assert.Null(before.Pod);
        Assert.Equal(TimeSpan.FromMinutes(1), before.RecheckAfter);

        var successor = Plan(Daily, due, old);
        Assert.NotNull(successor.Pod);
        Assert.NotEqual(old.Name, successor.Pod.Metadata.Name);
        Assert.Empty(successor.Children.Deletions);

        // Also when its slot is over by then.
        var booting = Sample.PodOf(successor.Pod, "uid-new") with { CreatedAt = due };
        var later = due.AddHours(1);
        var waiting = Plan(Daily, later, old, booting);
        Assert.Null(waiting.Pod);
        Assert.Empty(waiting.Children.Deletions);
        Assert.Equal(old.Name, waiting.CurrentPod!.Name);

        var done = Plan(Daily, later, old, booting with { IsReady = true });
        Assert.Equal(booting.Name, done.CurrentPod!.Name);
        Assert.Equal([old.Name], done.Children.Deletions.Select(deletion => deletion.Child.Name));
    }

    [Fact]
    public void A_run_is_never_replaced()
    {
        var app = Sample.App("shop", ("web", 1));
        var run = Sample.Dyno(app, "run", 1);
        var pod = Sample.PodOf(DynoPlanner.Plan(Sample.Observed(run, app), Daily).Pod!) with
        {
            CreatedAt = Sample.Now,
        };

        var plan = DynoPlanner.Plan(Sample.Observed(run, app, pod) with { Now = Sample.Now.AddDays(9) }, Daily);

        Assert.Null(plan.Pod);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/up")]
    public void A_web_dyno_receives_requests_when_its_path_answers_and_without_one_when_its_port_does(string? path)
    {
        var app = Sample.App("shop", ("web", 1));
        var release = Sample.Release() with
        {
            HealthCheckPaths = new Dictionary<string, string>(path is null ? [] : [new("web", path)]),
        };
        var observed = Sample.Observed(Sample.Dyno(app, "web", 1), app) with { Releases = [release] };

        var probe = DynoPlanner.Plan(observed, Sample.Options).Pod!.Spec.Containers[0].ReadinessProbe;

        Assert.Equal(path, probe.HttpGet?.Path);
        Assert.Equal(path is null, probe.TcpSocket is not null);
    }

    private static PodFacts Made(string uid)
    {
        var app = Sample.App("shop", ("web", 1));
        var made = DynoPlanner.Plan(Sample.Observed(Sample.Dyno(app, "web", 1), app), Daily).Pod!;
        return Sample.PodOf(made, uid) with { CreatedAt = Sample.Now };
    }

    private static TimeSpan Until(PodFacts pod, DateTimeOffset now) => DynoCycle.UntilDue(pod, Day, now)!.Value;

    private static DynoPlan Plan(PlatformOptions options, DateTimeOffset now, params PodFacts[] pods)
    {
        var app = Sample.App("shop", ("web", 1));
        return DynoPlanner.Plan(
            Sample.Observed(Sample.Dyno(app, "web", 1), app, pods) with { Now = now }, options);
    }
}
