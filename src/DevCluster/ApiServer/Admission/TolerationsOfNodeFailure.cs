using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>
/// By default a pod stays on a failed node for five minutes (the real plugin: DefaultTolerationSeconds).
/// </summary>
internal sealed class TolerationsOfNodeFailure : IAdmissionPlugin
{
    private static readonly string[] Taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public void Admit(AdmissionContext context)
    {
        if (context.Resource != KnownResources.Pods
            || context.Subresource is not null
            || context.Object?.Map("spec") is not { } spec)
        {
            return;
        }

        foreach (var taint in Taints)
        {
            if (!spec.Items("tolerations").Any(toleration => Covers(toleration, taint)))
            {
                spec.EnsureList("tolerations").Add(new JsonObject
                {
                    ["key"] = taint,
                    ["operator"] = "Exists",
                    ["effect"] = "NoExecute",
                    ["tolerationSeconds"] = 300,
                });
            }
        }
    }

    private static bool Covers(JsonObject toleration, string taint) =>
        (string.IsNullOrEmpty(toleration.Text("key")) || toleration.Text("key") == taint)
        && (string.IsNullOrEmpty(toleration.Text("effect")) || toleration.Text("effect") == "NoExecute");
}
