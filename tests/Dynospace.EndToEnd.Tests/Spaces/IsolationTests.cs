using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Reachability;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using k8s;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Spaces;

/// <summary>What the policies that lie in the cluster let through, pod by pod as they run there.</summary>
public sealed class IsolationTests(Platform platform)
{
    private const int Port = 5000;

    [Fact]
    public async Task In_a_common_space_no_dyno_reaches_another()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 2), ("worker", 1)]);
        await space.AppReadyAsync("shop");

        var verdicts = Judge(space.Name);

        Assert.All(
            verdicts.Dynos,
            source => Assert.All(
                verdicts.Dynos.Where(target => target != source),
                target => Assert.False(verdicts.Reaches(source, target))));
    }

    [Fact]
    public async Task In_a_private_space_all_dynos_reach_each_other()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: [("web", 2), ("worker", 1)]);
        await space.CreateAppAsync("orders", app => app.InternalRouting = true, ("web", 1));
        await space.AppReadyAsync("shop");
        await space.AppReadyAsync("orders");

        var verdicts = Judge(space.Name);

        Assert.Equal(4, verdicts.Dynos.Count);
        Assert.All(
            verdicts.Dynos,
            source => Assert.All(
                verdicts.Dynos.Where(target => target != source),
                target => Assert.True(verdicts.Reaches(source, target))));
    }

    [Fact]
    public async Task No_dyno_reaches_one_of_another_space()
    {
        await using var left = platform.NewSpace();
        await using var right = platform.NewSpace();
        foreach (var space in new[] { left, right })
        {
            await space.StartAsync(SpaceRuntime.Private);
            await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 1)]);
        }

        await left.AppReadyAsync("shop");
        await right.AppReadyAsync("shop");

        var verdicts = Judge(left.Name, right.Name);

        Assert.All(
            verdicts.Dynos,
            source => Assert.All(
                verdicts.Dynos.Where(target => target.Namespace != source.Namespace),
                target => Assert.False(verdicts.Reaches(source, target))));
    }

    [Theory]
    [InlineData("169.254.169.254", false)] // the cloud's metadata
    [InlineData("10.1.2.3", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("172.16.0.1", false)] // where the pods are
    [InlineData("100.64.0.1", false)]
    [InlineData("93.184.216.34", true)]
    public async Task Dynos_reach_the_internet_and_nothing_private(string address, bool expected)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", 1));
        await space.AppReadyAsync("shop");

        var verdicts = Judge(space.Name);

        Assert.Equal(expected, verdicts.Reaches(Assert.Single(verdicts.Dynos), Endpoint.At(address)));
    }

    private Verdicts Judge(params string[] spaces)
    {
        var state = platform.View.Now;
        List<IKubernetesObject> objects =
        [
            .. spaces.Select(
                space => state.Find(Kinds.Namespace, Runtime.ObjectKey.ClusterScoped(space))!.As<V1Namespace>()),
        ];
        objects.AddRange(spaces.SelectMany(space => state.Of(Kinds.Pod, space)).Select(pod => pod.As<V1Pod>()));
        objects.AddRange(
            spaces.SelectMany(space => state.Of(Kinds.Policy, space)).Select(policy => policy.As<V1NetworkPolicy>()));
        return new Verdicts(new ReachabilityEvaluator(ClusterSnapshot.From(objects)));
    }

    private sealed class Verdicts(ReachabilityEvaluator evaluator)
    {
        public IReadOnlyList<PodEndpoint> Dynos => evaluator.Snapshot.Pods;

        public bool Reaches(Endpoint source, Endpoint target) =>
            evaluator.Evaluate(source, target, TransportPort.Tcp(Port)).Allowed;
    }
}
