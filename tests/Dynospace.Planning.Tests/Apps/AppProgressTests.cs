using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Apps;

/// <summary>An app that does not come up says so after a deadline, and by which command to see why.</summary>
public sealed class AppProgressTests
{
    private static readonly TimeSpan Deadline = Sample.Options.Releases.ProgressDeadline;

    private readonly App _app = Sample.App("shop", ("worker", 8));

    [Fact]
    public void After_the_deadline_the_dyno_its_exit_code_and_the_command_for_its_log_are_named()
    {
        var status = Status(Crashing(released: Deadline, down: Deadline, up: Deadline));

        var ready = Conditions.Find(status.Conditions, ConditionTypes.Ready);
        Assert.Equal(Reasons.ProgressDeadlineExceeded.Name, ready?.Reason);
        Assert.Equal(
            "No dyno came up for 10 minutes. Dyno shop.worker.1 last ended with exit code 3. Its log: "
            + "dynospace logs --space acme -a shop -d worker.1",
            ready?.Message);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Stalled));
        Assert.Equal(
            Reasons.ProgressDeadlineExceeded.Name, Conditions.Find(status.Conditions, ConditionTypes.Released)?.Reason);
        Assert.Null(AppStatusBuilder.RecheckAfter(new(), status, Sample.Options));
    }

    public static TheoryData<string, int, int, int> Progress => new()
    {
        { "a release of just now", 0, 20, 20 },
        { "down since just now", 20, 0, 20 },
        { "a dyno that came up just now", 20, 20, 0 },
    };

    [Theory]
    [MemberData(nameof(Progress))]
    public void Progress_of_any_kind_is_waited_for(string what, int released, int down, int up)
    {
        var status = Status(
            Crashing(TimeSpan.FromMinutes(released), TimeSpan.FromMinutes(down), TimeSpan.FromMinutes(up)));

        Assert.NotEmpty(what);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Reconciling));
        Assert.Equal(Deadline, AppStatusBuilder.RecheckAfter(new(), status, Sample.Options));
    }

    /// <summary>The command shows the run before as well.</summary>
    [Fact]
    public void A_process_that_runs_again_has_the_same_command()
    {
        var observed = Crashing(Deadline, Deadline, Deadline);
        observed.Dynos[0].Status!.State = DynoState.Starting;
        observed.Dynos[0].Status!.Restarts = 2;

        Assert.EndsWith(
            "dynospace logs --space acme -a shop -d worker.1",
            Conditions.Find(Status(observed).Conditions, ConditionTypes.Ready)?.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_that_crashes_stops_at_its_first_quarter()
    {
        var observed = Crashing(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);

        Assert.Empty(AppPlanner.Plan(observed, Sample.Options).Dynos);
    }

    /// <summary>Release 2 of eight workers: the first two crash, and the others run release 1.</summary>
    private ObservedApp Crashing(TimeSpan released, TimeSpan down, TimeSpan up)
    {
        _app.Status = new()
        {
            Release = 2,
            Conditions = [Condition(ConditionTypes.Available, ConditionStatus.False, Reasons.DynosNotUp, down)],
        };
        return Sample.Observed(_app) with
        {
            Releases =
            [
                ReleaseRecord.FromSpec(_app.Spec, new Dictionary<string, SecretDigest>()) with
                {
                    Number = 2,
                    CreatedAt = Sample.Now - released,
                },
            ],
            Dynos = [.. Enumerable.Range(1, 8).Select(n => n <= 2 ? Crashed(n) : Up(n, up))],
        };
    }

    private Dyno Crashed(int number)
    {
        var dyno = Sample.Dyno(_app, "worker", number, 2);
        dyno.Status = new()
        {
            State = DynoState.Crashed,
            Release = 2,
            ObservedGeneration = 1,
            ExitCode = 3,
            Conditions = [Condition(ConditionTypes.Up, ConditionStatus.False, Reasons.Crashed, TimeSpan.Zero)],
        };
        return dyno;
    }

    private Dyno Up(int number, TimeSpan since)
    {
        var dyno = Sample.UpDyno(_app, "worker", number);
        dyno.Status!.Conditions = [Condition(ConditionTypes.Up, ConditionStatus.True, Reasons.Up, since)];
        return dyno;
    }

    private static k8s.Models.V1Condition Condition(string type, string status, Reason reason, TimeSpan since) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = "m",
        LastTransitionTime = (Sample.Now - since).UtcDateTime,
    };

    private static AppStatus Status(ObservedApp observed) => AppStatusBuilder.Build(
        observed, AppPlanner.Plan(observed, Sample.Options), ApplyOutcome.Success, Sample.Options, Sample.Now);
}
