using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of pods.</summary>
internal static class PodColumns
{
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        Columns.Name,
        Columns.Text("Ready", content => PodSummary.Of(content).Ready),
        Columns.Text("Status", content => PodSummary.Of(content).Status),
        Columns.Text("Restarts", (content, now) => PodSummary.Of(content).RestartsAt(now)),
        Columns.AgeText,
        Columns.Wide(
            Columns.Text(
                "IP",
                content => content.Items("status", "podIPs") is [var first, ..]
                    ? first.CellOr(Columns.None, "ip")
                    : Columns.None)),
        Columns.Wide(Columns.Text("Node", content => content.CellOr(Columns.None, "spec", "nodeName"))),
        Columns.Wide(
            Columns.Text(
                "Nominated Node", content => content.CellOr(Columns.None, "status", "nominatedNodeName"))),
        Columns.Wide(Columns.Text("Readiness Gates", ReadinessGates)),
    ];

    private static string ReadinessGates(JsonObject pod)
    {
        var gates = pod.Items("spec", "readinessGates");
        var open = gates.Count(gate => pod.Condition(gate.Cell("conditionType")).Cell("status") == "True");
        return gates.Count == 0 ? Columns.None : $"{open}/{gates.Count}";
    }
}
