using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Dynos;

public sealed class RunRecorderTests
{
    private readonly App _app = Sample.App("shop", ("web", 1));

    [Fact]
    public void A_run_that_takes_input_in_a_Shield_space_is_recorded() =>
        Golden.Verify("shield", "recorded-run", [Plan(Run(stdin: true), SpaceRuntime.Shield).Pod!]);

    [Theory]
    [InlineData(SpaceRuntime.Shield, ProcessTypes.Run, null)]
    [InlineData(SpaceRuntime.Shield, ProcessTypes.Run, false)]
    [InlineData(SpaceRuntime.Shield, "web", null)]
    [InlineData(SpaceRuntime.Shield, ProcessTypes.Release, null)]
    [InlineData(SpaceRuntime.Private, ProcessTypes.Run, true)]
    [InlineData(SpaceRuntime.Common, ProcessTypes.Run, true)]
    public void Nothing_else_is_recorded(SpaceRuntime runtime, string type, bool? stdin)
    {
        var dyno = Sample.Dyno(_app, type, 1);
        dyno.Spec.Stdin = stdin;

        var pod = Plan(dyno, runtime).Pod!;

        Assert.False(RunPodName.IsRecorded(pod.Metadata.Name));
        Assert.Null(pod.Spec.InitContainers);
        Assert.Null(pod.Spec.Volumes);
        Assert.Null(pod.Spec.Containers[0].VolumeMounts);
    }

    [Fact]
    public void All_its_containers_pass_Pod_Security_restricted()
    {
        var spec = Plan(Run(stdin: true), SpaceRuntime.Shield).Pod!.Spec;

        Assert.All(spec.InitContainers.Concat(spec.Containers), container =>
        {
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Null(container.SecurityContext.Capabilities.Add);
        });
        Assert.All(spec.InitContainers, container => Assert.True(container.SecurityContext.ReadOnlyRootFilesystem));
        Assert.NotNull(Assert.Single(spec.Volumes).EmptyDir);
        Assert.True(Assert.Single(spec.Containers[0].VolumeMounts).ReadOnlyProperty);
        Assert.NotEqual(spec.SecurityContext.RunAsUser, spec.InitContainers[^1].SecurityContext.RunAsUser);
    }

    [Fact]
    public void Without_a_recorder_it_is_refused_rather_than_run_unrecorded()
    {
        var options = Sample.Options with { Dynos = new() { RecorderImage = null } };

        var plan = Plan(Run(stdin: true), SpaceRuntime.Shield, options);

        Assert.Null(plan.Pod);
        Assert.Equal(Reasons.RecorderMissing, plan.Problem?.Reason);
        Assert.Contains("option recorderImage", plan.Problem?.Message, StringComparison.Ordinal);
        Assert.NotNull(Plan(Run(stdin: null), SpaceRuntime.Shield, options).Pod);
        Assert.NotNull(Plan(Run(stdin: true), SpaceRuntime.Private, options).Pod);
    }

    [Fact]
    public void Without_a_command_it_is_refused()
    {
        var run = Run(stdin: true);
        run.Spec.Command = null;

        Assert.Equal(Reasons.CommandRequired, Plan(run, SpaceRuntime.Shield).Problem?.Reason);
    }

    /// <summary>An upgrade to an operator that records: what runs keeps its pod.</summary>
    [Theory]
    [InlineData("web")]
    [InlineData(ProcessTypes.Run)]
    public void A_dyno_that_runs_stays_as_it_is(string type)
    {
        var dyno = Sample.Dyno(_app, type, 1);
        dyno.Spec.Stdin = type == ProcessTypes.Run ? true : null;
        var template = Plan(dyno, SpaceRuntime.Private).Pod!;
        var observed = Sample.Observed(dyno, _app) with { Space = Sample.ReadySpace(SpaceRuntime.Shield) };
        var hash = type == ProcessTypes.Run
            ? template.Metadata.Annotations[Annotations.TemplateHash]
            : DynoPlanner.Plan(observed, Sample.Options).Pod!.Metadata.Annotations[Annotations.TemplateHash];
        var pod = new PodFacts
        {
            Namespace = "acme",
            Name = template.Metadata.Name,
            Uid = "uid-pod",
            TemplateHash = hash,
            Phase = PodPhase.Running,
            IsReady = true,
        };

        var plan = DynoPlanner.Plan(observed with { Pods = [pod] }, Sample.Options);

        Assert.Null(plan.Pod);
        Assert.Empty(plan.Children.Deletions);
        Assert.Equal(pod, plan.CurrentPod);
    }

    [Theory]
    [InlineData("shop--run-9157-x7k2p", 9157, false)]
    [InlineData("shop--run-9157-rec-x7k2p", 9157, true)]
    [InlineData("shop--run-1-rec", 1, false)]
    [InlineData("shop--run-1-record-x", null, false)]
    [InlineData("shop-run-1-x7k2p", null, false)]
    [InlineData("--run-1-x", null, false)]
    [InlineData("shop--run-x-y", null, false)]
    public void The_name_of_a_pod_says_whether_it_is_recorded(string pod, int? number, bool isRecorded)
    {
        Assert.Equal(number, RunPodName.NumberOf(pod));
        Assert.Equal(isRecorded, RunPodName.IsRecorded(pod));
    }

    [Theory]
    [InlineData("recorder", "recorderImage")]
    [InlineData("recorder-setup", "recorderImage")]
    [InlineData("gate", "egressGateImage")]
    public void An_image_of_the_platform_that_cannot_be_pulled_is_named_with_its_option(string container, string option)
    {
        var pod = PodFacts.Parse(System.Text.Json.JsonSerializer.SerializeToElement(new
        {
            metadata = new
            {
                name = "shop--run-1-rec-x",
                @namespace = "acme",
                uid = "u",
                labels = new Dictionary<string, string> { [Labels.Dyno] = "shop.run.1" },
            },
            status = new
            {
                phase = "Pending",
                initContainerStatuses = new[]
                {
                    new { name = container, state = new { waiting = new { reason = "ImagePullBackOff" } } },
                },
                containerStatuses = new[]
                {
                    new { name = "dyno", state = new { waiting = new { reason = "PodInitializing" } } },
                },
            },
        }));

        var verdict = PodDiagnosis.OfOneOff(pod);

        Assert.Equal(Reasons.ImagePullFailed, verdict.Reason);
        Assert.Contains($"option {option}", verdict.Message, StringComparison.Ordinal);
    }

    private Dyno Run(bool? stdin)
    {
        var dyno = Sample.Dyno(_app, ProcessTypes.Run, 1);
        (dyno.Spec.Command, dyno.Spec.Stdin, dyno.Spec.Tty) = (["bin/console", "--now"], stdin, stdin);
        return dyno;
    }

    private DynoPlan Plan(Dyno dyno, SpaceRuntime runtime, PlatformOptions? options = null) => DynoPlanner.Plan(
        Sample.Observed(dyno, _app) with { Space = Sample.ReadySpace(runtime) }, options ?? Sample.Options);
}
