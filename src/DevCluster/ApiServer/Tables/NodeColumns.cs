using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of nodes.</summary>
internal static class NodeColumns
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static IReadOnlyList<TableColumn> All { get; } =
    [
        Columns.Name,
        Columns.Text("Status", Status),
        Columns.Text("Roles", Roles),
        Columns.AgeText,
        Columns.Text("Version", content => content.Cell("status", "nodeInfo", "kubeletVersion")),
        Columns.Wide(Columns.Text("Internal-IP", content => Address(content, "InternalIP"))),
        Columns.Wide(Columns.Text("External-IP", content => Address(content, "ExternalIP"))),
        Columns.Wide(Columns.Text("OS-Image", content => Info(content, "osImage"))),
        Columns.Wide(Columns.Text("Kernel-Version", Kernel)),
        Columns.Wide(Columns.Text("Container-Runtime", content => Info(content, "containerRuntimeVersion"))),
    ];

    private static string Status(JsonObject node)
    {
        var ready = node.Condition("Ready") switch
        {
            null => "Unknown",
            { } condition => condition.Cell("status") == "True" ? "Ready" : "NotReady",
        };
        return node.IsTrue("spec", "unschedulable") ? ready + ",SchedulingDisabled" : ready;
    }

    private static string Roles(JsonObject node)
    {
        var labels = node.At("metadata", "labels") as JsonObject ?? [];
        return Columns.Join(labels
            .Select(label => label.Key.StartsWith(RolePrefix, StringComparison.Ordinal) ? label.Key[RolePrefix.Length..]
                : label.Key == "kubernetes.io/role" ? label.Value.Cell()
                : "")
            .Where(role => role.Length > 0)
            .Order(StringComparer.Ordinal));
    }

    private static string Address(JsonObject node, string type) =>
        node.Items("status", "addresses")
            .FirstOrDefault(address => address.Cell("type") == type)
            .CellOr(Columns.None, "address");

    private static string Info(JsonObject node, string field) => node.CellOr("<unknown>", "status", "nodeInfo", field);

    private static string Kernel(JsonObject node) =>
        Info(node, "kernelVersion")
        + (node.Cell("status", "nodeInfo", "architecture") is { Length: > 0 } architecture ? $" ({architecture})" : "");
}
