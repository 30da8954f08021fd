using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Workloads;

/// <summary>A Deployment's status, as <c>kubectl rollout status</c> and <c>kubectl wait</c> read it.</summary>
internal static class DeploymentStatus
{
    public static JsonObject Build(
        StoredObject found,
        IReadOnlyList<StoredObject> sets,
        StoredObject? current,
        DateTimeOffset now,
        Action<DateTimeOffset> checkLater)
    {
        var wanted = WorkloadController.Replicas(found);
        var old = found.Content.Map("status");
        int Sum(string field) => (int)sets.Sum(set => set.Content.Number("status", field) ?? 0);
        var available = Sum("availableReplicas");
        var total = Sum("replicas");
        var updated = (int)(current?.Content.Number("status", "replicas") ?? 0);
        var status = new JsonObject { ["observedGeneration"] = found.Content.Number("metadata", "generation") ?? 1 };
        Put(status, "replicas", total);
        Put(status, "updatedReplicas", updated);
        Put(status, "readyReplicas", Sum("readyReplicas"));
        Put(status, "availableReplicas", available);
        Put(status, "unavailableReplicas", Math.Max(0, Math.Max(total, wanted) - available));
        status["conditions"] = old?["conditions"]?.DeepClone() ?? new JsonArray();
        var (_, maxUnavailable) = RolloutPlan.Limits(found.Content.Map("spec", "strategy", "rollingUpdate"), wanted);
        var minimum = found.Content.Text("spec", "strategy", "type") == "Recreate" ? wanted : wanted - maxUnavailable;
        Set(status, Available(available >= minimum), now, false);
        var isComplete = updated == wanted && total == wanted && available >= wanted;
        Progressing(status, found, old, current, isComplete, now, checkLater);
        return status;
    }

    private static JsonObject Available(bool isAvailable) => isAvailable
        ? ConditionList.Make("Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.")
        : ConditionList.Make(
            "Available", false, "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");

    private static void Progressing(
        JsonObject status,
        StoredObject found,
        JsonObject? old,
        StoredObject? current,
        bool isComplete,
        DateTimeOffset now,
        Action<DateTimeOffset> checkLater)
    {
        if (current is null && found.Content.Flag("spec", "paused") != true)
        {
            return;
        }

        var name = current?.Name ?? found.Name;
        var before = ConditionList.Find(old, "Progressing");
        if (isComplete)
        {
            Set(status, Made(
                "NewReplicaSetAvailable", $"ReplicaSet \"{name}\" has successfully progressed."), now, false);
            return;
        }

        var isMoving = before is null || HasMoved(status, old) || before.Text("reason") == "NewReplicaSetAvailable";
        if (isMoving)
        {
            var reason = before is null ? "NewReplicaSetCreated" : "ReplicaSetUpdated";
            var text = before is null
                ? $"Created new replica set \"{name}\""
                : $"ReplicaSet \"{name}\" is progressing.";
            Set(status, Made(reason, text), now, true);
        }

        Expire(status, found, name, now, checkLater);
    }

    private static void Expire(
        JsonObject status, StoredObject found, string name, DateTimeOffset now, Action<DateTimeOffset> checkLater)
    {
        var condition = ConditionList.Find(status, "Progressing");
        if (condition.Text("status") != "True" || condition.Read("lastUpdateTime") is not { } since)
        {
            return;
        }

        var deadline = since + TimeSpan.FromSeconds(found.Content.Number("spec", "progressDeadlineSeconds") ?? 600);
        if (deadline > now)
        {
            checkLater(deadline);
            return;
        }

        Set(
            status,
            ConditionList.Make(
                "Progressing", false, "ProgressDeadlineExceeded", $"ReplicaSet \"{name}\" has timed out progressing."),
            now,
            true);
    }

    private static JsonObject Made(string reason, string message) =>
        ConditionList.Make("Progressing", true, reason, message);

    private static bool HasMoved(JsonObject status, JsonObject? old) =>
        status.Number("updatedReplicas") != old.Number("updatedReplicas")
        || status.Number("readyReplicas") != old.Number("readyReplicas")
        || status.Number("availableReplicas") != old.Number("availableReplicas")
        || status.Number("replicas") != old.Number("replicas");

    // Unlike other conditions, those of a Deployment also have lastUpdateTime.
    private static void Set(JsonObject status, JsonObject condition, DateTimeOffset now, bool isTouched)
    {
        var type = condition.Text("type")!;
        var before = ConditionList.Find(status, type)?["lastUpdateTime"]?.DeepClone();
        if (ConditionList.Set(status, condition, now) || isTouched)
        {
            ConditionList.Find(status, type)!["lastUpdateTime"] = Timestamps.Format(now);
        }
        else if (before is not null)
        {
            ConditionList.Find(status, type)!["lastUpdateTime"] = before;
        }
    }

    private static void Put(JsonObject status, string field, int value)
    {
        if (value > 0)
        {
            status[field] = value;
        }
    }
}
