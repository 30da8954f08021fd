using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Selectors;

namespace DevCluster.Simulator.Scheduling;

/// <summary>Checks whether a pod fits on a node, without regard to other pods.</summary>
internal static class NodeFit
{
    private static readonly string[] BlockingEffects = ["NoSchedule", "NoExecute"];

    /// <summary>
    /// Why it does not fit, in the real scheduler's words; null if it does. Resources are not checked.
    /// </summary>
    public static string? Refusal(JsonObject podSpec, StoredObject node)
    {
        if (node.Content.Flag("spec", "unschedulable") == true && !ToleratesUnschedulable(podSpec))
        {
            return "node(s) were unschedulable";
        }

        if (Taints(node).Any(taint => BlockingEffects.Contains(taint.Text("effect")) && !Tolerates(podSpec, taint)))
        {
            return "node(s) had untolerated taint(s)";
        }

        return MatchesAffinity(podSpec, node) ? null : "node(s) didn't match Pod's node affinity/selector";
    }

    public static IEnumerable<JsonObject> Taints(StoredObject node) => node.Content.Map("spec").Items("taints");

    public static bool Tolerates(JsonObject podSpec, JsonObject taint) => Tolerations(podSpec, taint).Any();

    /// <summary>The tolerations of a pod that cover a taint.</summary>
    public static IEnumerable<JsonObject> Tolerations(JsonObject podSpec, JsonObject taint) =>
        podSpec.Items("tolerations").Where(toleration =>
            (string.IsNullOrEmpty(toleration.Text("effect")) || toleration.Text("effect") == taint.Text("effect"))
            && (string.IsNullOrEmpty(toleration.Text("key")) || toleration.Text("key") == taint.Text("key"))
            && (toleration.Text("operator") == "Exists"
                || (toleration.Text("value") ?? "") == (taint.Text("value") ?? "")));

    public static bool MatchesAffinity(JsonObject podSpec, StoredObject node)
    {
        var labels = node.Content.Map("metadata", "labels");
        if (!LabelSelector.MapSelects(podSpec.Map("nodeSelector"), labels))
        {
            return false;
        }

        var required = podSpec.Map("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
        return required is null || required.Items("nodeSelectorTerms").Any(term => MatchesTerm(term, node, labels));
    }

    private static bool MatchesTerm(JsonObject term, StoredObject node, JsonObject? labels)
    {
        var fields = new JsonObject { ["metadata.name"] = node.Name };
        var expressions = term.Items("matchExpressions").ToList();
        var fieldTerms = term.Items("matchFields").ToList();

        // A term without requirements matches nothing.
        return expressions.Count + fieldTerms.Count > 0
            && expressions.TrueForAll(
                requirement => LabelRequirement.FromJson(requirement).Matches(labels))
            && fieldTerms.TrueForAll(
                requirement => LabelRequirement.FromJson(requirement).Matches(fields));
    }

    private static bool ToleratesUnschedulable(JsonObject podSpec) =>
        Tolerates(podSpec, new JsonObject { ["key"] = "node.kubernetes.io/unschedulable", ["effect"] = "NoSchedule" });
}
