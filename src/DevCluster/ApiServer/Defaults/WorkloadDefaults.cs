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
