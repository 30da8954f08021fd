using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Dynos;

public sealed class PodDiagnosisTests
{
    private static readonly App Shop = Sample.App("shop", ("web", 1));

    public static TheoryData<string, PodChange, DynoState, string> Cases => new()
    {
        { "no container yet", pod => pod with { Phase = PodPhase.Pending }, DynoState.Starting, Reasons.Starting },
        { "no node", pod => pod with
        {
            Phase = PodPhase.Pending,
            IsUnschedulable = true,
            Message = "0/3 nodes",
        }, DynoState.Starting, Reasons.Unschedulable },
        { "being created", pod => Waiting(pod, "ContainerCreating"), DynoState.Starting, Reasons.Starting },
        { "no image", pod => Waiting(pod, "ErrImagePull"), DynoState.Starting, Reasons.ImagePullFailed },
        { "no image, again", pod => Waiting(pod, "ImagePullBackOff"), DynoState.Starting, Reasons.ImagePullFailed },
        { "no secret", pod => Waiting(
            pod, "CreateContainerConfigError"), DynoState.Starting, Reasons.ContainerConfigError },
        { "running and not ready", pod => pod with
        {
            Container = new() { IsRunning = true },
        }, DynoState.Starting, Reasons.Starting },
        { "running and ready", pod => pod with
        {
            IsReady = true,
            Container = new() { IsRunning = true, IsStarted = true },
        }, DynoState.Up, Reasons.Up },
        { "ended", pod => Ended(pod, new(1, "Error", TimeSpan.FromSeconds(2))), DynoState.Crashed, Reasons.Crashed },
        { "ended, waiting to start again", pod => BackOff(
            pod, new(1, "Error", TimeSpan.FromSeconds(2))), DynoState.Crashed, Reasons.Crashed },
        { "out of memory", pod => BackOff(
            pod, new(137, "OOMKilled", TimeSpan.FromSeconds(90))), DynoState.Crashed, Reasons.MemoryQuotaExceeded },
        { "did not bind in time", pod => BackOff(
            pod, new(137, "Error", TimeSpan.FromSeconds(61))), DynoState.Crashed, Reasons.BootTimeout },
        { "ended by itself after long", pod => BackOff(
            pod, new(1, "Error", TimeSpan.FromHours(3))), DynoState.Crashed, Reasons.Crashed },
    };

    [Theory]
    [InlineData("shop.web.1", "dynospace logs --space acme -a shop -d web.1")]
    [InlineData("shop.mail-worker.12", "dynospace logs --space acme -a shop -d mail-worker.12")]
    [InlineData("shop.run.rx7k2p", "dynospace logs --space acme -a shop -p run")]
    [InlineData("shop.release.3", "dynospace logs --space acme -a shop -s release")]
    public void A_message_names_the_command_for_the_log(string dyno, string command)
    {
        var pod = new PodFacts
        {
            Namespace = "acme",
            Name = "pod",
            Uid = "uid",
            Dyno = dyno,
            Phase = PodPhase.Failed,
            Container = new() { LastTermination = new(1, "Error", null) },
        };

        Assert.Contains(command + ".", PodDiagnosis.OfOneOff(pod).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_phase_that_fails_shows_the_end_of_its_log()
    {
        var pod = new PodFacts
        {
            Namespace = "acme",
            Name = "pod",
            Uid = "uid",
            Dyno = "shop.release.3",
            Phase = PodPhase.Failed,
            Container = new()
            {
                LastTermination = new(1, "Error", null)
                {
                    LastWords = "1\n2\n3\n4\nadding a column\n\nERROR: no table\n",
                },
            },
        };

        Assert.EndsWith(
            " Its last lines: 2 | 3 | 4 | adding a column | ERROR: no table",
            PodDiagnosis.OfOneOff(pod).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_pods_state_reads_in_the_platforms_words(string what, PodChange change, DynoState state, string reason)
    {
        var status = StatusOf(change(Pod()));

        Assert.NotEmpty(what);
        var up = Conditions.Find(status.Conditions, ConditionTypes.Up);
        Assert.Equal((state, reason), (status.State, up?.Reason));
        Assert.Equal(state == DynoState.Up, up?.Status == ConditionStatus.True);
    }

    [Theory]
    [InlineData("back-off 10s restarting failed container", "back-off 5m0s restarting failed container")]
    public void A_growing_delay_is_not_a_change(string earlier, string later)
    {
        var termination = new TerminationFacts(1, "Error", null);
        var first = StatusOf(BackOff(Pod(), termination, earlier));

        Assert.True(StatusOf(BackOff(Pod(), termination, later)).IsEquivalentTo(first));
        Assert.True(
            StatusOf(Waiting(Pod(), "ErrImagePull")).IsEquivalentTo(StatusOf(Waiting(Pod(), "ImagePullBackOff"))));
    }

    [Fact]
    public void A_dyno_that_is_up_tells_where_it_runs()
    {
        var status = StatusOf(
            Pod() with
            {
                IsReady = true,
                IP = "10.244.0.7",
                Node = "node-1",
                Container = new() { IsRunning = true, Restarts = 2 },
            });

        Assert.Null(status.PodIPs);
        Assert.Equal(("10.244.0.7", "node-1", 2, 1L), (status.PodIP, status.Node, status.Restarts, status.Release));
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Fact]
    public void A_dyno_with_an_address_of_each_family_tells_both()
    {
        var status = StatusOf(Pod() with { IP = "10.244.0.7", OtherIP = "fd00::7" });

        Assert.Equal(["10.244.0.7", "fd00::7"], status.PodIPs);
        Assert.Equal("10.244.0.7", status.PodIP);
    }

    [Theory]
    [InlineData("node-1", "172.24.0.6", "172.24.0.4/30")]
    [InlineData("node-1", "172.24.1.254", "172.24.1.252/30")]
    [InlineData("node-1", "172.24.2.2", null)]
    [InlineData("node-1", "fd00::7", null)]
    [InlineData("node-1", null, null)]
    [InlineData("node-2", "172.24.0.6", null)]
    [InlineData("node-3", "172.24.0.6", null)]
    [InlineData(null, "172.24.0.6", null)]
    public void A_dyno_has_a_subnet_of_its_own_where_its_node_cut_its_address_out_of_its_block(
        string? node, string? address, string? subnet)
    {
        var observed = Sample.Observed(
            Sample.Dyno(Shop, "web", 1), Shop, Pod() with { Node = node, IP = address }) with
        {
            NodeBlocks = new Dictionary<string, string>
            {
                ["node-1"] = "172.24.0.0/23",
                ["node-2"] = "172.26.0.0/23",
                ["node-3"] = "no range",
            },
        };

        var status = DynoStatusBuilder.Build(
            observed, DynoPlanner.Plan(observed, Sample.Options), ApplyOutcome.Success, Sample.Options, Sample.Now);

        Assert.Equal(
            (address, subnet is null ? null : address, subnet), (status.PodIP, status.Address, status.Subnet));
    }

    /// <summary>Both addresses come from one network; the block tells whose it is.</summary>
    [Theory]
    [InlineData("172.24.0.6", "fd79::ac18:6", "172.24.0.4/30", "fd79::ac18:4/126")]
    [InlineData("fd79::ac18:6", "172.24.0.6", "fd79::ac18:4/126", "172.24.0.4/30")]
    [InlineData("172.24.0.6", null)]
    [InlineData("10.244.0.7", "fd00::7")]
    public void A_dyno_of_both_families_tells_its_subnet_in_each(string ip, string? other, params string[] subnets)
    {
        var observed = Sample.Observed(
            Sample.Dyno(Shop, "web", 1), Shop, Pod() with { Node = "node-1", IP = ip, OtherIP = other }) with
        {
            NodeBlocks = new Dictionary<string, string> { ["node-1"] = "172.24.0.0/23" },
        };

        var status = DynoStatusBuilder.Build(
            observed, DynoPlanner.Plan(observed, Sample.Options), ApplyOutcome.Success, Sample.Options, Sample.Now);

        Assert.Equal(subnets, status.Subnets ?? []);
        Assert.Equal(subnets.Length == 0 ? [] : [ip, other!], status.Addresses ?? []);
        Assert.Equal(ip.StartsWith("10.", StringComparison.Ordinal) ? null : "172.24.0.4/30", status.Subnet);
        Assert.Equal(status.Subnet is null ? null : "172.24.0.6", status.Address);
    }

    [Theory]
    [InlineData("worker", 9, DynoState.Starting)]
    [InlineData("worker", 10, DynoState.Up)]
    [InlineData("web", 0, DynoState.Up)]
    [InlineData("run", 0, DynoState.Up)]
    public void A_process_without_a_readiness_probe_is_up_when_it_has_run_for_a_while(
        string type, int seconds, DynoState state)
    {
        var app = Sample.App("shop", (type, 1));
        var dyno = Sample.Dyno(app, type, 1);
        var pod = Sample.PodOf(DynoPlanner.Plan(Sample.Observed(dyno, app), Sample.Options).Pod!) with
        {
            IsReady = true,
            Container = new() { IsRunning = true, StartedAt = Sample.Now.AddSeconds(-seconds) },
        };
        var observed = Sample.Observed(dyno, app, pod);
        var plan = DynoPlanner.Plan(observed, Sample.Options);

        Assert.Equal(
            state, DynoStatusBuilder.Build(observed, plan, ApplyOutcome.Success, Sample.Options, Sample.Now).State);
        Assert.Equal(
            state == DynoState.Up ? null : TimeSpan.FromSeconds(10 - seconds),
            DynoStatusBuilder.RecheckAfter(observed, plan, Sample.Options, Sample.Now));
    }

    [Theory]
    [InlineData(0, "Completed", DynoState.Complete, nameof(Reasons.Completed))]
    [InlineData(3, "Error", DynoState.Failed, nameof(Reasons.Failed))]
    [InlineData(137, "OOMKilled", DynoState.Failed, nameof(Reasons.MemoryQuotaExceeded))]
    public void A_run_whose_process_has_ended_is_over_though_its_pod_still_says_running(
        int code, string how, DynoState state, string reason)
    {
        var dyno = Sample.Dyno(Shop, "run", 1);
        var running = Sample.PodOf(DynoPlanner.Plan(Sample.Observed(dyno, Shop), Sample.Options).Pod!);
        var observed = Sample.Observed(dyno, Shop, Ended(running, new(code, how, TimeSpan.FromSeconds(1))));

        var status = DynoStatusBuilder.Build(
            observed, DynoPlanner.Plan(observed, Sample.Options), ApplyOutcome.Success, Sample.Options, Sample.Now);

        Assert.Equal(
            (state, reason, code),
            (status.State, Conditions.Find(status.Conditions, ConditionTypes.Up)?.Reason, status.ExitCode));
    }

    [Fact]
    public void How_the_process_ended_last_stays_known_while_it_runs_again() =>
        Assert.Equal(
            3,
            StatusOf(
                Pod() with
                {
                    Container = new() { IsRunning = true, Restarts = 1, LastTermination = new(3, "Error", null) },
                }).ExitCode);

    private static PodFacts Pod() =>
        Sample.PodOf(DynoPlanner.Plan(Sample.Observed(Sample.Dyno(Shop, "web", 1), Shop), Sample.Options).Pod!);

    private static DynoStatus StatusOf(PodFacts pod)
    {
        var observed = Sample.Observed(Sample.Dyno(Shop, "web", 1), Shop, pod);
        return DynoStatusBuilder.Build(
            observed, DynoPlanner.Plan(observed, Sample.Options), ApplyOutcome.Success, Sample.Options, Sample.Now);
    }

    private static PodFacts Waiting(PodFacts pod, string reason) =>
        pod with { Phase = PodPhase.Pending, Container = new() { WaitingReason = reason, WaitingMessage = "m" } };

    private static PodFacts Ended(PodFacts pod, TerminationFacts how) =>
        pod with { Container = new() { HasEnded = true, LastTermination = how } };

    private static PodFacts BackOff(PodFacts pod, TerminationFacts how, string message = "back-off") =>
        pod with
        {
            Container = new()
            {
                WaitingReason = "CrashLoopBackOff",
                WaitingMessage = message,
                LastTermination = how,
                Restarts = 1,
            },
        };

    public delegate PodFacts PodChange(PodFacts pod);
}
