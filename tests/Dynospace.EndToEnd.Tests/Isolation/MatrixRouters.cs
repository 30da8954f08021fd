using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Routers;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// The pods of routers that really run. Their images need hold no shell: each pod gets a container beside it that
/// dials, and that listens where the pages name a port that no router has.
/// </summary>
internal sealed class MatrixRouters(
    Platform platform, SpaceRuntime runtime, string space, string rival, string third)
{
    /// <summary>The container that dials.</summary>
    public const string Dialer = "dialer";

    private const string AnotherRouter = "another router";
    private const string SharedRouter = "shared router";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The routers that the page speaks of, by what it calls them.</summary>
    public static IEnumerable<(string Name, RouterIdentity Router)> Named(
        SpaceRuntime runtime, string space, string rival, string third)
    {
        var isCommon = runtime == SpaceRuntime.Common;
        var other = isCommon ? third : rival;
        yield return (SharedRouter, RouterIdentity.Shared);
        yield return (AnotherRouter, isCommon ? new(RouterListener.Public, third) : RouterIdentity.Shared);
        yield return ("another space's public router", new(RouterListener.Public, other));
        yield return ("another space's internal router", new(RouterListener.Internal, other));
        if (!isCommon)
        {
            yield return ("the space's public router", new(RouterListener.Public, space));
            yield return ("the space's internal router", new(RouterListener.Internal, space));
        }
    }

    /// <summary>A pod of each router that the page speaks of, by what the page calls it.</summary>
    public async Task<IReadOnlyDictionary<string, V1Pod>> RunningAsync(TestSpace waiting)
    {
        var found = new Dictionary<string, V1Pod>();
        foreach (var (name, router) in Named(runtime, space, rival, third))
        {
            var pod =
                await waiting.UntilAsync(
                    $"a pod of {router.Name} runs",
                    state => state.Of(Kinds.Pod, Bystanders.System).FirstOrDefault(pod => IsOf(pod, router)));
            await AddDialerAsync(pod);
            found[name] =
                await waiting.UntilAsync(
                    $"{router.Name} has a container that dials",
                    state => state.Find(Kinds.Pod, pod.Key) is { } now && HasDialer(now)
                        ? DynoPods.Running(now)
                        : null);
        }

        return found;
    }

    private async Task AddDialerAsync(SeenObject pod)
    {
        if (pod.Content["spec"]!["ephemeralContainers"] is not null)
        {
            return;
        }

        var program = platform.Workloads.Serves(null, ("TCP", MatrixWorld.OwnPort), ("TCP", 443));
        var container = new JsonObject
        {
            ["name"] = Dialer,
            ["image"] = program.Image,
            ["imagePullPolicy"] = "IfNotPresent",
            ["command"] = new JsonArray([.. program.Command.Select(word => JsonValue.Create(word))]),
            // The low port is for root, and the router's pod does not open it for others.
            ["securityContext"] = new JsonObject { ["runAsUser"] = 0, ["runAsNonRoot"] = false },
        };
        var patch = new JsonObject { ["spec"] = new JsonObject { ["ephemeralContainers"] = new JsonArray(container) } };
        (await platform.Api.PatchAsync(Kinds.Pod, pod.Key, patch, "ephemeralcontainers", Token)).Require();
    }

    private static bool IsOf(SeenObject pod, RouterIdentity router) =>
        pod.Label(Labels.Instance) == router.Name
        && pod.Label(Labels.ManagedBy) == Labels.ManagedByValue
        && DynoPods.Running(pod) is not null;

    private static bool HasDialer(SeenObject pod) =>
        (pod.Content["status"]?["ephemeralContainerStatuses"] as JsonArray
            ?? []).Any(status => status!["state"]!["running"] is not null);
}
