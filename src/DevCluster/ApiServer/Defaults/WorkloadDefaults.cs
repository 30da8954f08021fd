using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>The workloads of <c>apps/v1</c>.</summary>
internal static class WorkloadDefaults
{
    public static void Deployment(JsonObject deployment)
    {
        var spec = deployment.Ensure("spec");
        PodDefaults.Template(spec.Ensure("template"));
        spec.Default("replicas", 1);
        var strategy = spec.Ensure("strategy");
        Word(strategy, "type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.Ensure("rollingUpdate");
            rolling.Default("maxUnavailable", "25%");
            rolling.Default("maxSurge", "25%");
        }

        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
    }

    public static void ReplicaSet(JsonObject replicaSet)
    {
        var spec = replicaSet.Ensure("spec");
        PodDefaults.Template(spec.Ensure("template"));
        spec.Default("replicas", 1);
    }

    public static void DaemonSet(JsonObject daemonSet)
    {
        var spec = daemonSet.Ensure("spec");
        PodDefaults.Template(spec.Ensure("template"));
        var strategy = spec.Ensure("updateStrategy");
        Word(strategy, "type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.Ensure("rollingUpdate");
            rolling.Default("maxUnavailable", 1);
            rolling.Default("maxSurge", 0);
        }

        spec.Default("revisionHistoryLimit", 10);
        daemonSet.Ensure("metadata").Ensure("annotations").Default("deprecated.daemonset.template.generation", "1");
    }

    public static void StatefulSet(JsonObject statefulSet)
    {
        var spec = statefulSet.Ensure("spec");
        PodDefaults.Template(spec.Ensure("template"));
        Word(spec, "podManagementPolicy", "OrderedReady");
        var strategy = spec.Ensure("updateStrategy");
        Word(strategy, "type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Ensure("rollingUpdate").Default("partition", 0);
        }

        var retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
        Word(retention, "whenDeleted", "Retain");
        Word(retention, "whenScaled", "Retain");
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        foreach (var claim in spec.Items("volumeClaimTemplates"))
        {
            claim.Default("apiVersion", "v1");
            claim.Default("kind", "PersistentVolumeClaim");
            StorageDefaults.Claim(claim);
        }
    }

    private static void Word(JsonObject target, string field, string value)
    {
        if (string.IsNullOrEmpty(target.Text(field)))
        {
            target[field] = value;
        }
    }
}

/// <summary>Jobs and cron jobs.</summary>
internal static class BatchDefaults
{
    public static void Job(JsonObject job)
    {
        var spec = job.Ensure("spec");
        PodDefaults.Template(spec.Ensure("template"));
        if (!spec.Has("completions") && !spec.Has("parallelism"))
        {
            spec["completions"] = 1;
        }

        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("manualSelector", false);
        spec.Default("podReplacementPolicy", spec.Has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
    }

    public static void CronJob(JsonObject cronJob)
    {
        var spec = cronJob.Ensure("spec");
        spec.Default("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        var template = spec.Ensure("jobTemplate");
        template.Ensure("metadata");
        PodDefaults.Template(template.Ensure("spec").Ensure("template"));
    }
}

/// <summary>Autoscalers and limit ranges, which are stored but not acted on.</summary>
internal static class ScalingDefaults
{
    public static void Autoscaler(JsonObject autoscaler)
    {
        var spec = autoscaler.Ensure("spec");
        spec.Default("minReplicas", 1);
        if (spec.List("metrics") is not { Count: > 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 },
                },
            });
        }
    }

    public static void LimitRange(JsonObject limitRange)
    {
        foreach (var limit in limitRange.Items("spec", "limits").Where(limit => limit.Text("type") == "Container"))
        {
            Inherit(limit, "default", "max");
            Inherit(limit, "defaultRequest", "default");
            Inherit(limit, "defaultRequest", "min");
        }
    }

    private static void Inherit(JsonObject limit, string to, string from)
    {
        foreach (var (name, amount) in limit.Map(from) ?? [])
        {
            if (amount is not null)
            {
                limit.Ensure(to).Default(name, amount.DeepClone());
            }
        }
    }
}
