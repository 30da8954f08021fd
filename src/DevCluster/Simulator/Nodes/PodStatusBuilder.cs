using System.Text.Json.Nodes;
using DevCluster.ApiServer.Admission.Quotas;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Nodes;

/// <summary>Builds the status of a pod from the node's state, with the kubelet's messages.</summary>
internal static class PodStatusBuilder
{
    private static readonly string[] Ours =
    [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ];

    public static JsonObject Build(
        StoredObject pod, PodRun run, string? hostAddress, SecondFamily? second, DateTimeOffset now)
    {
        var content = pod.Content;
        var old = content.Map("status");
        var phase = Phase(run, content.Text("spec", "restartPolicy") ?? "Always");
        var status = new JsonObject { ["phase"] = phase };
        if (run.Failure is var (reason, message))
        {
            status["reason"] = reason;
            status["message"] = message;
        }

        status["conditions"] = ConditionsOf(content, old, run, phase, now);
        Addresses(status, content, run, hostAddress, second);
        status["startTime"] = Timestamps.Format(run.StartedAt);
        if (run.Init.Count > 0)
        {
            status["initContainerStatuses"] =
                ContainerStatusBuilder.Build(content, run, run.Init, "initContainers", now);
        }

        status["containerStatuses"] = ContainerStatusBuilder.Build(content, run, run.Main, "containers", now);
        if (run.Ephemeral.Count > 0)
        {
            status["ephemeralContainerStatuses"] =
                ContainerStatusBuilder.Build(content, run, run.Ephemeral, "ephemeralContainers", now);
        }

        status["qosClass"] = old.Text("qosClass") ?? PodQualityOfService.Classify(content.Map("spec"));
        return status;
    }

    public static string Phase(PodRun run, string policy)
    {
        if (run.Failure is not null)
        {
            return "Failed";
        }

        var isStopped = run.StoppingSince is not null
            && !run.All.Any(container => container.IsUp);
        if (!run.IsInitialized)
        {
            var hasFailed =
                run.Init.Any(container => container is { Phase: ContainerPhase.Terminated, ExitCode: not 0 });
            return hasFailed && (policy == "Never" || isStopped) ? "Failed" : isStopped ? "Failed" : "Pending";
        }

        if (run.Main.Any(container => !container.HasStarted && container.LastTermination is null))
        {
            return isStopped ? "Failed" : "Pending";
        }

        var hasEnded = run.Main.All(container => container.Phase == ContainerPhase.Terminated);
        if (!hasEnded || (policy == "Always" && !isStopped))
        {
            return "Running";
        }

        return run.Main.All(container => container.ExitCode == 0) ? "Succeeded" : "Failed";
    }

    private static JsonArray ConditionsOf(JsonObject pod, JsonObject? old, PodRun run, string phase, DateTimeOffset now)
    {
        var isOver = phase is "Succeeded" or "Failed";
        List<string> unready =
        [
            .. Names(pod, run, run.Main, "containers", (container, behavior) => !container.IsReady(behavior, now)),
            .. Names(
                pod,
                run,
                [.. run.Init.Where(container => container.IsSidecar)],
                "initContainers",
                (container, behavior) => !container.IsReady(behavior, now)),
        ];
        var incomplete = run.Init.Where(container => !container.IsDone).Select(container => container.Name).ToList();
        var containersReady = Check(
            "ContainersReady",
            isOver || unready.Count > 0,
            phase == "Succeeded" ? "PodCompleted" : phase == "Failed" ? "PodFailed" : "ContainersNotReady",
            isOver ? null : $"containers with unready status: [{string.Join(' ', unready)}]");
        var isInitialized = Check(
            "Initialized",
            incomplete.Count > 0,
            "ContainersNotInitialized",
            $"containers with incomplete status: [{string.Join(' ', incomplete)}]");
        if (phase == "Succeeded")
        {
            isInitialized["reason"] = "PodCompleted";
        }

        var hasSandbox = run.VolumeProblem is null && !isOver;
        return Merge(
            old,
            [
                ConditionList.Make("PodReadyToStartContainers", hasSandbox),
                isInitialized,
                Ready(pod, old, containersReady),
                containersReady,
                ConditionList.Make("PodScheduled", true),
            ],
            now);
    }

    private static JsonObject Ready(JsonObject pod, JsonObject? old, JsonObject containersReady)
    {
        if (containersReady.Text("status") != "True")
        {
            var notReady = containersReady.DeepClone().AsObject();
            notReady["type"] = "Ready";
            return notReady;
        }

        var missing = pod.Map("spec").Items("readinessGates").Select(gate => gate.Text("conditionType") ?? "")
            .Where(gate => !ConditionList.IsTrue(old, gate)).ToList();
        return missing.Count == 0
            ? ConditionList.Make("Ready", true)
            : ConditionList.Make(
                "Ready",
                false,
                "ReadinessGatesNotReady",
                $"corresponding condition of pod readiness gate \"{missing[0]}\" does not exist.");
    }

    private static JsonObject Check(string type, bool isBad, string reason, string? message) =>
        isBad ? ConditionList.Make(type, false, reason, message) : ConditionList.Make(type, true);

    private static IEnumerable<string> Names(
        JsonObject pod,
        PodRun run,
        IReadOnlyList<ContainerRun> containers,
        string list,
        Func<ContainerRun, SimulatedBehavior, bool> isMeant)
    {
        var specs = pod.Map("spec").Items(list).ToDictionary(spec => spec.Text("name") ?? "");
        return containers.Where(container => isMeant(container, run.BehaviorOf(pod, specs[container.Name])))
            .Select(container => container.Name);
    }

    // Conditions of others, such as readiness gates and disruptions, are kept; lastTransitionTime moves only with
    // status.
    private static JsonArray Merge(JsonObject? old, JsonObject[] conditions, DateTimeOffset now)
    {
        var merged = new JsonArray();
        foreach (var condition in conditions)
        {
            var before = ConditionList.Find(old, condition.Text("type")!);
            condition["lastProbeTime"] = null;
            condition["lastTransitionTime"] = ConditionList.TransitionTime(before, condition, now);
            merged.Add(condition);
        }

        foreach (var foreign in old.Items("conditions").Where(condition => !Ours.Contains(condition.Text("type"))))
        {
            merged.Add(foreign.DeepClone());
        }

        return merged;
    }

    private static void Addresses(
        JsonObject status, JsonObject pod, PodRun run, string? hostAddress, SecondFamily? second)
    {
        if (hostAddress is null)
        {
            return;
        }

        status["hostIP"] = hostAddress;
        var host = Listed(hostAddress, second?.NodeAddress(hostAddress));
        status["hostIPs"] = host;
        if (pod.Flag("spec", "hostNetwork") == true)
        {
            status["podIP"] = hostAddress;
            status["podIPs"] = host.DeepClone();
        }
        else if (run.OwnAddress is { } address)
        {
            status["podIP"] = address;
            status["podIPs"] = Listed(address, second?.PodAddress(address));
        }

        static JsonArray Listed(params string?[] addresses) =>
            [.. addresses.OfType<string>().Select(address => new JsonObject { ["ip"] = address })];
    }
}
