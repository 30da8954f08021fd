using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Workloads;

/// <summary>Runs pods until enough succeed or too many fail. All completion modes behave alike.</summary>
internal sealed class JobController(
    ControlPlaneContext cluster) : WorkloadController(cluster, KnownResources.Jobs, KnownResources.Pods)
{
    private readonly EventWriter _events = cluster.EventsOf("job-controller");

    protected override void Sync(StoredObject found)
    {
        if (FinishedAt(found) is { } finished)
        {
            ExpireAfter(found, finished);
            return;
        }

        if (found.Content.IsTerminating())
        {
            return;
        }

        var pods = PodFactory.PodsOf(Cluster, found);
        var succeeded = pods.Count(pod => pod.Content.Text("status", "phase") == "Succeeded");
        var failed = pods.Count(pod => pod.Content.Text("status", "phase") == "Failed");
        var active = pods.Where(PodFactory.IsActive).ToList();
        var completions = (int)(found.Content.Number("spec", "completions") ?? 1);
        var (isComplete, isFailed) =
            (succeeded >= completions, failed > (found.Content.Number("spec", "backoffLimit") ?? 6));
        if (isComplete || isFailed || found.Content.Flag("spec", "suspend") == true)
        {
            foreach (var pod in active)
            {
                Writer.Delete(pod);
            }

            active.Clear();
        }
        else
        {
            Start(
                found,
                active,
                Math.Min((int)(found.Content.Number("spec", "parallelism") ?? 1), completions - succeeded));
        }

        WriteStatus(found, Status(found, active, succeeded, failed, isComplete, isFailed));
    }

    private static DateTimeOffset? FinishedAt(StoredObject found) =>
        found.Content.Map("status").Items("conditions")
            .FirstOrDefault(condition => condition.Text("type") is "Complete" or "Failed"
                && condition.Text("status") == "True")
            .Read("lastTransitionTime");

    private void ExpireAfter(StoredObject found, DateTimeOffset finished)
    {
        if (found.Content.Number("spec", "ttlSecondsAfterFinished") is not { } seconds || found.Content.IsTerminating())
        {
            return;
        }

        var due = finished + TimeSpan.FromSeconds(seconds);
        if (due <= Cluster.Now)
        {
            Writer.Delete(found, DeletionPropagation.Foreground);
        }
        else
        {
            AddAt(found.Uid, due);
        }
    }

    private void Start(StoredObject found, List<StoredObject> active, int wanted)
    {
        while (active.Count < wanted)
        {
            if (Writer.Create(
                KnownResources.Pods,
                PodFactory.FromTemplate(found, found.Content.Map("spec", "template") ?? [])) is not { } made)
            {
                AddAt(found.Uid, Cluster.Now + TimeSpan.FromSeconds(1));
                return;
            }

            active.Add(made);
            _events.Normal(found, "SuccessfulCreate", $"Created pod: {made.Name}");
        }
    }

    private JsonObject Status(
        StoredObject found, List<StoredObject> active, int succeeded, int failed, bool isComplete, bool isFailed)
    {
        var now = Cluster.Now;
        var status = new JsonObject
        {
            ["startTime"] = found.Content["status"]?["startTime"]?.DeepClone() ?? Timestamps.Format(now),
            ["ready"] = active.Count(PodFactory.IsReady),
            ["terminating"] = 0,
            ["uncountedTerminatedPods"] = new JsonObject(),
        };
        Put(status, "active", active.Count);
        Put(status, "succeeded", succeeded);
        Put(status, "failed", failed);
        if (isComplete)
        {
            const string Message = "Reached expected number of succeeded pods";
            status["completionTime"] = Timestamps.Format(now);
            ConditionList.Set(
                status,
                Probed(ConditionList.Make("SuccessCriteriaMet", true, "CompletionsReached", Message), now),
                now);
            ConditionList.Set(
                status, Probed(ConditionList.Make("Complete", true, "CompletionsReached", Message), now), now);
            _events.Normal(found, "Completed", "Job completed");
        }
        else if (isFailed)
        {
            const string Message = "Job has reached the specified backoff limit";
            ConditionList.Set(
                status, Probed(ConditionList.Make("FailureTarget", true, "BackoffLimitExceeded", Message), now), now);
            ConditionList.Set(
                status, Probed(ConditionList.Make("Failed", true, "BackoffLimitExceeded", Message), now), now);
            _events.Warning(found, "BackoffLimitExceeded", Message);
        }

        return status;
    }

    private static JsonObject Probed(JsonObject condition, DateTimeOffset now)
    {
        condition["lastProbeTime"] = Timestamps.Format(now);
        return condition;
    }

    private static void Put(JsonObject status, string field, int value)
    {
        if (value > 0)
        {
            status[field] = value;
        }
    }
}
