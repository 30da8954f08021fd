using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>A space whose routers really run, and who calls them.</summary>
internal sealed class RoutedSpace(Platform platform, SpaceRuntime runtime) : IAsyncDisposable
{
    public const string System = "dynospace-system";

    public TestSpace Space { get; } = platform.NewSpace();

    public RouterIdentity Router =>
        runtime == SpaceRuntime.Common ? RouterIdentity.Shared : new(RouterListener.Public, Space.Name);

    /// <summary>Where status says that public apps are reached.</summary>
    public string PublicAddress => Address("publicAddress")!;

    public string? InternalAddress => Address("internalAddress");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A place beyond the cluster; the test is skipped where nobody gives it.</summary>
    public static Place RequirePlace(string name)
    {
        var place = Places.Caller(name);
        Assert.SkipUnless(place is not null, $"{Places.Variable} gives no place \"{name}\" with \"run\".");
        return place!;
    }

    public string Host(string app) => $"{app}.{Space.Name}.{new PlatformOptions().Router.BaseDomain}";

    public async Task StartAsync(string app, int quantity, Action<SpaceSpec>? change = null)
    {
        await Space.StartAsync(runtime, change);
        await Space.CreateAppAsync(app, formation: ("web", quantity));
        await Space.AppReadyAsync(app);
    }

    /// <summary>The pods of a router that are ready and not being deleted.</summary>
    public IReadOnlyList<SeenObject> RouterPods(RouterIdentity router) => PodsOf(platform.View.Now, router);

    /// <summary>
    /// Gives the router's Deployment another template, as a new image would, and waits until only new pods are left.
    /// </summary>
    public async Task RestartRouterAsync(RouterIdentity router)
    {
        var before = platform.View.Now.Of(Kinds.Pod, System)
            .Where(pod => IsOf(pod, router))
            .Select(pod => pod.Uid)
            .ToHashSet();
        var key = new ObjectKey(System, router.Name);
        await Space.PatchAsync(
            Kinds.Deployment, key, Annotated("kubectl.kubernetes.io/restartedAt", Guid.NewGuid().ToString()));
        await Space.UntilAsync("the old pods of the router are gone and new ones serve", state =>
        {
            var pods = state.Of(Kinds.Pod, System).Where(pod => IsOf(pod, router)).ToList();
            var wanted = (int?)state.Find(Kinds.Deployment, key)?.Content["spec"]!["replicas"];
            return pods.TrueForAll(pod => !before.Contains(pod.Uid)) && PodsOf(state, router).Count == wanted
                ? state
                : null;
        });
    }

    /// <summary>What a shell sees of an app: its answer, or wget's word for the lack of one.</summary>
    public static async Task<string> AskAsync(IShell shell, string address, int port, string host) =>
        (await shell.RunAsync(
            $"busybox wget -T 5 -q -O - --header 'Host: {host}' http://{address}:{port}/ 2>&1", Token)).Trim();

    /// <summary>Asks until the answer contains this: networks enforce a little after the API knows.</summary>
    public static async Task AskUntilAsync(IShell shell, string address, int port, string host, string expected)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        string answer;
        do
        {
            answer = await AskAsync(shell, address, port, host);
        }
        while (!answer.Contains(expected, StringComparison.Ordinal) && !bound.IsCancellationRequested);
        Assert.True(
            answer.Contains(expected, StringComparison.Ordinal),
            $"{shell} is to see \"{expected}\" of {host} at {address}:{port}, and sees \"{answer}\"");
    }

    /// <summary>Within a dyno.</summary>
    public PodShell Within(string dyno) => new(
        platform.Api,
        new(Space.Name, platform.View.Now.Of(Kinds.Pod, Space.Name)
            .First(pod => pod.Label(Labels.Dyno) == dyno && DynoPods.Running(pod) is not null).Name),
        Listens: true);

    public ValueTask DisposeAsync() => Space.DisposeAsync();

    private static JsonObject Annotated(string name, string value) => new()
    {
        ["spec"] = new JsonObject
        {
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [name] = value } },
            },
        },
    };

    private static List<SeenObject> PodsOf(ClusterState state, RouterIdentity router) =>
        [.. state.Of(Kinds.Pod, System).Where(pod => IsOf(pod, router) && DynoPods.Running(pod) is not null)];

    private static bool IsOf(SeenObject pod, RouterIdentity router) =>
        pod.Label(Labels.Instance) == router.Name && pod.Label(Labels.ManagedBy) == Labels.ManagedByValue;

    private string? Address(string which) =>
        ((string?)platform.View.Now.Find(Kinds.Space, Space.Key)?.Content["status"]?["router"]?[which])?.Split(',')[0];
}
