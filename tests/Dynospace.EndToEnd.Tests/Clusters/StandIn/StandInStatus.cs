using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api;

namespace Dynospace.EndToEnd.Tests.Clusters.StandIn;

/// <summary>What a kubelet would say of a pod and of itself.</summary>
internal static class StandInStatus
{
    private const string Prefix = "simulate/";

    /// <summary>Any moment will do, and one that never changes makes equal statuses equal.</summary>
    private const string Then = "2026-01-01T00:00:00Z";

    public static bool IsStubborn(JsonObject pod) => Asks(pod, "never-terminates");

    public static bool IsCanary(JsonObject pod) => (string?)pod["metadata"]!["labels"]?[Labels.Canary] is not null;

    public static bool IsProbe(JsonObject pod) =>
        (string?)pod["metadata"]!["labels"]?[Labels.Canary] == CanaryRoles.Probe;

    public static bool EndsByItself(JsonObject pod) =>
        (string?)pod["spec"]!["restartPolicy"] == "Never"
        && !Asks(pod, "image-pull-error")
        && !Asks(pod, "keeps-running");

    public static int? ExitCodeOf(JsonObject pod) => WordsOf(pod)
        .Where(word => word.StartsWith("exit:", StringComparison.Ordinal))
        .Select(word => (int?)int.Parse(word.AsSpan(5), CultureInfo.InvariantCulture))
        .FirstOrDefault();

    public static JsonObject OfNode() => new()
    {
        ["status"] = new JsonObject
        {
            ["capacity"] = Resources(),
            ["allocatable"] = Resources(),
            ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = "192.168.241.2" }),
            ["conditions"] = new JsonArray(Condition("Ready", true)),
        },
    };

    public static JsonObject Started(JsonObject pod, string address)
    {
        if (Asks(pod, "image-pull-error"))
        {
            var waiting = new JsonObject
            {
                ["waiting"] = new JsonObject
                {
                    ["reason"] = "ImagePullBackOff",
                    ["message"] = "Back-off pulling image",
                },
            };
            return Of(pod, "Pending", address, isReady: false, Container(pod, waiting, isReady: false));
        }

        if (ExitCodeOf(pod) is { } code && !EndsByItself(pod))
        {
            var container = Container(
                pod,
                new JsonObject
                {
                    ["waiting"] = new JsonObject
                    {
                        ["reason"] = "CrashLoopBackOff",
                        ["message"] = "back-off restarting",
                    },
                },
                isReady: false);
            container["restartCount"] = 1;
            container["lastState"] = Terminated(code);
            return Of(pod, "Running", address, isReady: false, container);
        }

        var running = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Then } };
        return Of(pod, "Running", address, isReady: true, Container(pod, running, isReady: true));
    }

    public static JsonObject Ended(JsonObject pod, string address, int code) =>
        Of(pod, code == 0
            ? "Succeeded"
            : "Failed", address, isReady: false, Container(pod, Terminated(code), isReady: false));

    private static bool Asks(JsonObject pod, string word) => WordsOf(pod).Contains(word);

    private static string[] WordsOf(JsonObject pod)
    {
        var image = (string)pod["spec"]!["containers"]![0]!["image"]!;
        return image.StartsWith(Prefix, StringComparison.Ordinal) ? image[Prefix.Length..].Split('+') : [];
    }

    private static JsonObject Of(JsonObject pod, string phase, string address, bool isReady, JsonObject container) =>
        new()
        {
            ["phase"] = phase,
            ["hostIP"] = "192.168.241.2",
            ["podIP"] = address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
            ["startTime"] = Then,
            ["conditions"] = new JsonArray(
                Condition("PodScheduled", true),
                Condition("Initialized", true),
                Condition("ContainersReady", isReady),
                Condition("Ready", isReady)),
            ["containerStatuses"] = new JsonArray(container),
        };

    private static JsonObject Container(JsonObject pod, JsonObject state, bool isReady) => new()
    {
        ["name"] = (string)pod["spec"]!["containers"]![0]!["name"]!,
        ["image"] = (string)pod["spec"]!["containers"]![0]!["image"]!,
        ["imageID"] = "",
        ["ready"] = isReady,
        ["started"] = isReady,
        ["restartCount"] = 0,
        ["state"] = state,
    };

    private static JsonObject Terminated(int code) => new()
    {
        ["terminated"] = new JsonObject
        {
            ["exitCode"] = code,
            ["reason"] = code == 0 ? "Completed" : "Error",
            ["startedAt"] = Then,
            ["finishedAt"] = Then,
        },
    };

    private static JsonObject Condition(string type, bool isTrue) =>
        new() { ["type"] = type, ["status"] = isTrue ? "True" : "False", ["lastTransitionTime"] = Then };

    private static JsonObject Resources() => new() { ["cpu"] = "1000", ["memory"] = "4Ti", ["pods"] = "16000" };
}
