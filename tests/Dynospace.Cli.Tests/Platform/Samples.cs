using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Platform;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Cli.Tests.Platform;

/// <summary>Spaces, apps and dynos in the states that a screen must show.</summary>
internal static class Samples
{
    public static Space Space(
        string name,
        string ready = "True",
        string reason = nameof(Reasons.Ready),
        string message = "",
        SpaceRuntime runtime = SpaceRuntime.Private) => new()
        {
            Metadata = new V1ObjectMeta { Name = name, Generation = 1 },
            Spec = new SpaceSpec { Runtime = runtime, Region = "oregon" },
            Status = new SpaceStatus
            {
                Dynos = "3/3",
                OutboundIPs = runtime == SpaceRuntime.Common ? null : ["203.0.113.10"],
                Conditions =
            [
                Condition(ConditionTypes.Ready, ready, reason, message),
                Condition(ConditionTypes.NamespaceReady, "True"),
                Condition(ConditionTypes.NetworkIsolated, "True"),
                Condition(ConditionTypes.IsolationVerified, "Unknown", Reasons.Simulated),
            ],
            },
        };

    public static App App(
        string space,
        string name,
        string ready = "True",
        string reason = nameof(Reasons.Ready),
        string message = "",
        bool isStalled = false) => new()
        {
            Metadata = new V1ObjectMeta { NamespaceProperty = space, Name = name, Generation = 1 },
            Spec = new AppSpec
            {
                Image = "registry.example/shop:42",
                Processes = [new ProcessSpec { Type = ProcessTypes.Web }],
            },
            Status = new AppStatus
            {
                Release = 7,
                Dynos = "3/3",
                Conditions =
            [
                Condition(ConditionTypes.Ready, ready, reason, message),
                Condition(ConditionTypes.Accepted, "True"),
                Condition(ConditionTypes.Released, "True"),
                .. isStalled ? new[] { Condition(ConditionTypes.Stalled, "True") } : [],
            ],
            },
        };

    public static Dyno Dyno(
        string space,
        string app,
        string type,
        int index,
        DynoState state = DynoState.Up,
        string reason = nameof(Reasons.Up),
        string message = "") => new()
        {
            Metadata = new V1ObjectMeta { NamespaceProperty = space, Name = $"{app}.{type}.{index}", Generation = 1 },
            Spec = new DynoSpec { App = app, ProcessType = type, Index = index },
            Status = new DynoStatus
            {
                State = state,
                Release = 7,
                PodIP = state == DynoState.Pending ? null : $"172.16.0.{2 + (4 * index)}",
                Node = state == DynoState.Pending ? null : "node-1",
                Conditions = [Condition(ConditionTypes.Up, state == DynoState.Up ? "True" : "False", reason, message)],
            },
        };

    public static V1Condition Condition(
        string type, string status, string reason = nameof(Reasons.Ready), string message = "") => new()
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = 1,
        };

    /// <summary>Two spaces: one well, one with an app in trouble and a crashed dyno.</summary>
    public static PlatformState Mixed(int dynosPerApp = 2) => new(
        [
            Space("acme-prod"),
            Space("playground", "False", Reasons.Progressing, "1 of 2 apps is ready", SpaceRuntime.Common),
        ],
        [
            App("acme-prod", "shop"),
            App("playground", "hello"),
            App("playground", "broken", "False", Reasons.SecretNotFound, "Secret hello-secrets does not exist: create "
                + "it, or remove it from configFrom", isStalled: true),
        ],
        [
            .. Enumerable.Range(1, dynosPerApp).Select(index => Dyno("acme-prod", "shop", ProcessTypes.Web, index)),
            Dyno("acme-prod", "shop", "worker", 1),
            .. Enumerable.Range(1, dynosPerApp).Select(index => index == dynosPerApp
                ? Dyno(
                    "playground",
                    "hello",
                    ProcessTypes.Web,
                    index,
                    DynoState.Crashed,
                    Reasons.Crashed,
                    "exit code 137; started again in 20 s")
                : Dyno("playground", "hello", ProcessTypes.Web, index)),
        ],
        new Dictionary<ObjectKey, string> { [new ObjectKey("acme-prod", "shop")] = "10.96.44.7:80" });
}
