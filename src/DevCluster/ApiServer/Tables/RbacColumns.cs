using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of roles and their bindings.</summary>
internal static class RbacColumns
{
    /// <summary>Also those of CRDs: resources that the real API prints with its default table.</summary>
    public static IReadOnlyList<TableColumn> Roles { get; } = [Columns.Name, Columns.CreatedAt];

    public static IReadOnlyList<TableColumn> RoleBindings { get; } =
    [
        Columns.Name,
        Columns.Text("Role", content => $"{content.Cell("roleRef", "kind")}/{content.Cell("roleRef", "name")}"),
        Columns.AgeText,
        Columns.Wide(Columns.Text("Users", content => Subjects(content, "User"))),
        Columns.Wide(Columns.Text("Groups", content => Subjects(content, "Group"))),
        Columns.Wide(Columns.Text("ServiceAccounts", content => Subjects(content, "ServiceAccount"))),
    ];

    private static string Subjects(JsonObject binding, string kind) => string.Join(", ", binding
        .Items("subjects")
        .Where(subject => subject.Cell("kind") == kind)
        .Select(subject => subject.Cell("namespace") is { Length: > 0 } ns
            ? $"{ns}/{subject.Cell("name")}"
            : subject.Cell("name")));
}
