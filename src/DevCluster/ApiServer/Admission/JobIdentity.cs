using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Admission;

/// <summary>
/// Adds the labels with the Job's uid by which its pods are found, unless the Job has a manual selector.
/// </summary>
internal static class JobIdentity
{
    public static void Assign(JsonObject job)
    {
        var metadata = job.Ensure("metadata");
        var spec = job.Ensure("spec");
        if (spec.Flag("manualSelector") == true)
        {
            return;
        }

        var uid = metadata.Text("uid") is { Length: > 0 } given ? given : Guid.NewGuid().ToString();
        metadata["uid"] = uid;
        var name = metadata.Text("name") ?? "";
        foreach (var labels in (ReadOnlySpan<JsonObject>)
        [
            metadata.Ensure("labels"),
            spec.Ensure("template").Ensure("metadata").Ensure("labels"),
        ])
        {
            labels["batch.kubernetes.io/controller-uid"] = uid;
            labels["batch.kubernetes.io/job-name"] = name;
            labels["controller-uid"] = uid;
            labels["job-name"] = name;
        }

        spec.Ensure("selector").Ensure("matchLabels")["batch.kubernetes.io/controller-uid"] = uid;
    }
}
