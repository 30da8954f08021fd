using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Dynos;

/// <summary>Dynos that people start to run one command.</summary>
public sealed class OneOffTests(Platform platform)
{
    [Theory]
    [InlineData(0, DynoState.Complete, nameof(Reasons.Completed))]
    [InlineData(3, DynoState.Failed, nameof(Reasons.Failed))]
    public async Task A_one_off_runs_once_and_keeps_its_result(int code, DynoState state, string reason)
    {
        await using var space = platform.NewSpace();
        var program = platform.Workloads.Exits(code);
        await StartAsync(space, program);

        await space.CreateRunAsync("shop", 1, program);

        await space.ConditionAsync(Kinds.Dyno, space.In("shop.run.1"), ConditionTypes.Up, "False", reason);
        var status = space.Now(Kinds.Dyno, "shop.run.1").As<Dyno>().Status!;
        Assert.Equal((state, code), (status.State, status.ExitCode));
        var pod =
            (await space.UntilAsync(
                "its pod", state => state.PodsOf(space.Name, "shop").SingleOrDefault())).As<V1Pod>();
        Assert.Equal("Never", pod.Spec.RestartPolicy);
        Assert.Equal(program.Command, pod.Spec.Containers[0].Command);
        Assert.Null(pod.Spec.Containers[0].Env.SingleOrDefault(variable => variable.Name == "PORT"));
    }

    [Fact]
    public async Task A_one_off_whose_pod_was_deleted_is_not_run_again()
    {
        await using var space = platform.NewSpace();
        var program = platform.Workloads.Exits(0);
        await StartAsync(space, program);
        await space.CreateRunAsync("shop", 1, program);
        await space.ConditionAsync(Kinds.Dyno, space.In("shop.run.1"), ConditionTypes.Up, "False", Reasons.Completed);
        var pod = await space.UntilAsync("its pod", state => state.PodsOf(space.Name, "shop").SingleOrDefault());

        await space.DeleteAsync(Kinds.Pod, space.In(pod.Name));
        await space.GoneAsync(Kinds.Pod, space.In(pod.Name));
        await space.UntilAsync(
            "the dyno knows",
            state => state.Find(Kinds.Dyno, space.In("shop.run.1"))!.Content["status"]!["podIP"] is null
                ? state
                : null);

        Assert.Empty(space.Pods("shop"));
        Assert.Equal(DynoState.Complete, space.Now(Kinds.Dyno, "shop.run.1").As<Dyno>().Status!.State);
    }

    [Fact]
    public async Task A_one_off_that_runs_is_up_and_ends_when_it_is_deleted()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        var stubborn = platform.Workloads.Stubborn;
        await StartAsync(space, stubborn);
        await space.CreateRunAsync("shop", 1, stubborn);
        await space.ConditionAsync(Kinds.Dyno, space.In("shop.run.1"), ConditionTypes.Up, "True", Reasons.Up);

        await space.DeleteAsync(Kinds.Dyno, space.In("shop.run.1"));

        await space.UntilAsync("its pod is gone", state => state.Of(Kinds.Pod, space.Name).Any() ? null : state);
    }

    [Fact]
    public async Task A_one_off_of_an_unknown_app_waits_for_it()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        var program = platform.Workloads.Exits(0);

        await space.CreateRunAsync("shop", 1, program);

        await space.ConditionAsync(Kinds.Dyno, space.In("shop.run.1"), ConditionTypes.Up, "False", Reasons.AppNotFound);
        await space.EventAsync(Kinds.Dyno, space.In("shop.run.1"), Reasons.AppNotFound);
        await space.CreateAppAsync("shop", program, null, ("worker", 0));
        await space.ConditionAsync(Kinds.Dyno, space.In("shop.run.1"), ConditionTypes.Up, "False", Reasons.Completed);
    }

    [Fact]
    public async Task A_person_cannot_run_a_dyno_of_the_formation()
    {
        await using var space = platform.NewSpace();
        await StartAsync(space, platform.Workloads.Runs);

        (await platform.Api.CreateAsync(
            new Dyno
            {
                Metadata = new() { Name = "shop.web.7", NamespaceProperty = space.Name },
                Spec = new() { App = "shop", ProcessType = "web", Index = 7 },
            },
            TestContext.Current.CancellationToken)).Require();

        await space.ConditionAsync(Kinds.Dyno, space.In("shop.web.7"), ConditionTypes.Up, "False", Reasons.NotOneOff);
        Assert.Empty(space.Pods("shop"));
    }

    private static async Task StartAsync(TestSpace space, Workload program)
    {
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", program, null, ("worker", 0));
        await space.AppReadyAsync("shop");
    }
}
