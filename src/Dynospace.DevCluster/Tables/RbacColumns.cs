using System.Text.Json.Nodes;
using Dynospace.DevCluster.Api;

namespace Dynospace.DevCluster.Tables;

/// <summary>The columns of roles and their bindings.</summary>
internal static class RbacColumns
{
    /// <summary>Also those of CRDs: resources that the real API prints with its default table.</summary>
    public static IReadOnlyList<TableColumn> Roles { get; } = [Columns.Name, Columns.CreatedAt];

    public static IReadOnlyList<TableColumn> RoleBindings { get; } =
    [
        Columns.Name,
        Columns.Text("Role", content => $"{content.Text("roleRef", "kind")}/{content.Text("roleRef", "name")}"),
        Columns.AgeText,
        Columns.Wide(Columns.Text("Users", content => Subjects(content, "User"))),
        Columns.Wide(Columns.Text("Groups", content => Subjects(content, "Group"))),
        Columns.Wide(Columns.Text("ServiceAccounts", content => Subjects(content, "ServiceAccount"))),
    ];

    private static string Subjects(JsonObject binding, string kind) => string.Join(", ", binding
        .Items("subjects")
        .Where(subject => subject.Text("kind") == kind)
        .Select(subject => subject.Text("namespace") is { Length: > 0 } ns ? $"{ns}/{subject.Text("name")}" : subject.Text("name")));
}
