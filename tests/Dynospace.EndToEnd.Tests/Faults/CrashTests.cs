using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>Crash anywhere, start again, and the result is the same.</summary>
[Collection(Alone.Name)]
public sealed class CrashTests(Platform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="changes">The operator's life: so many changes of the space, and the next one crashes it.</param>
    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(25)]
    public async Task An_operator_that_crashes_again_and_again_ends_where_one_that_lives_does(int changes)
    {
        await using var calm = platform.NewSpace();
        await using var stormy = platform.NewSpace();
        await BuildAsync(calm);
        await calm.UntilAsync(
            "four dynos with a pod each",
            state => state.Of(Kinds.Pod, calm.Name).Count(pod => IsOfFormation(state, pod)) == 4 ? state : null);
        var expected = Outcome(platform.View.Now, calm.Name);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var storm = CrashAsync(stormy, changes, stop.Token);
        await BuildAsync(stormy);
        await stormy.UntilAsync(
            $"the same as without crashes:\n{expected}\n",
            state => Outcome(state, stormy.Name) == expected ? state : null);
        if (platform.Traits.CollectsGarbage)
        {
            await stormy.DeleteAsync(Kinds.Space, stormy.Key);
            await stormy.GoneAsync(Kinds.Space, stormy.Key);
            await stormy.GoneAsync(Kinds.Namespace, stormy.Key);
        }

        await stop.CancelAsync();
        Assert.InRange(await storm, 2, int.MaxValue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public async Task A_scale_up_through_crashes_makes_nothing_twice_and_loses_nothing(int changes)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 1)]);
        await space.AppReadyAsync("shop");

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var storm = CrashAsync(space, changes, stop.Token);
        await space.ScaleAsync("shop", ("web", 8), ("worker", 4));
        await space.AppReadyAsync("shop");

        await stop.CancelAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{await storm} crashes");
        MadeOnce.Require(platform.View.HistoryOf(space.Name), "shop", ("web", 8), ("worker", 4));
    }

    [Fact]
    public async Task Dynos_run_on_without_an_operator()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("web", 2));
        await space.AppReadyAsync("shop");
        var before = space.Pods("shop").Select(pod => (pod.Uid, pod.Version)).ToList();

        await platform.Operator.CrashAsync();
        platform.StartOperator();
        await space.ScaleAsync("shop", ("web", 3));
        await space.AppReadyAsync("shop");

        Assert.All(before, pod => Assert.Contains(space.Pods("shop"), now => (now.Uid, now.Version) == pod));
    }

    /// <summary>A life of an app: made, released, released again, scaled up and down.</summary>
    private static async Task BuildAsync(TestSpace space)
    {
        await space.CreateAsync(SpaceRuntime.Private);
        await space.UntilAsync("the namespace", state => state.Find(Kinds.Namespace, space.Key));
        await space.CreateReleasingAppAsync("shop", ("web", 4), ("worker", 1));
        await space.AppReadyAsync("shop");
        await space.PatchAppAsync("shop", new JsonObject { ["config"] = new JsonObject { ["LOG_LEVEL"] = "debug" } });
        await space.AppReadyAsync("shop");
        await space.ScaleAsync("shop", ("web", 6), ("worker", 1));
        await space.AppReadyAsync("shop");
        await space.ScaleAsync("shop", ("web", 3), ("clock", 1));
        await space.AppReadyAsync("shop");
        await space.ReadyAsync(Kinds.Space, space.Key);
        await space.UntilAsync(
            "what is surplus is gone",
            state =>
                state.Of(Kinds.Dyno, space.Name)
                    .Count(dyno => dyno.Label(Labels.ProcessType) != ProcessTypes.Release) == 4
                        && state.Of(Kinds.Service, space.Name).Count() == 3 ? state : null);
    }

    private async Task<int> CrashAsync(TestSpace space, int changes, CancellationToken cancellationToken)
    {
        var crashes = 0;
        try
        {
            for (var next = changes; ; next = platform.View.HistoryOf(space.Name).Count + changes)
            {
                await platform.View.UntilAsync(
                    "more changes",
                    space.Name,
                    state => platform.View.HistoryOf(space.Name).Count >= next ? state : null,
                    cancellationToken);
                await platform.Operator.CrashAsync();
                platform.StartOperator();
                crashes++;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return crashes;
        }
    }

    /// <summary>
    /// What there is, in words that do not depend on names which are made up or numbers which are handed out.
    /// </summary>
    private static string Outcome(ClusterState state, string space) =>
        string.Join('\n', new[] { Kinds.Policy, Kinds.Service, Kinds.Dyno, Kinds.Pod }
            .SelectMany(kind => state.Of(kind, space))
            .Where(seen => !seen.IsTerminating
                && (seen.Kind == Kinds.Pod
                    ? IsOfFormation(state, seen)
                    : seen.Label(Labels.ProcessType) != ProcessTypes.Release))
            .Select(seen => Describe(seen).Replace(space, "<space>", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal));

    /// <summary>Not a pod of a release phase, nor one that nothing collects after its dyno.</summary>
    private static bool IsOfFormation(ClusterState state, SeenObject pod) =>
        !pod.IsTerminating
        && pod.Label(Labels.ProcessType) != ProcessTypes.Release
        && state.Find(Kinds.Dyno, new ObjectKey(pod.Namespace, pod.Label(Labels.Dyno)!)) is not null;

    private static string Describe(SeenObject seen)
    {
        var spec = seen.Content["spec"]!.DeepClone().AsObject();
        foreach (var handedOut in new[] { "clusterIP", "clusterIPs", "nodeName" })
        {
            spec.Remove(handedOut);
        }

        var name = seen.Kind == Kinds.Pod ? seen.Label(Labels.Dyno) : seen.Name;
        var labels = seen.Metadata["labels"]!.AsObject()
            .Where(label => label.Key != Labels.OwnerUid)
            .OrderBy(label => label.Key, StringComparer.Ordinal);
        return $"{seen.Kind.Kind} {name} {string.Join(",", labels.Select(label => $"{label.Key}={label.Value}"))} "
            + $"{spec.ToJsonString()}";
    }
}
