using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>RBAC.</summary>
internal static class AccessDefaults
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Role(JsonObject role) => role.Default("rules", new JsonArray());

    public static void Binding(JsonObject binding)
    {
        if (string.IsNullOrEmpty(binding.Text("roleRef", "apiGroup")))
        {
            binding.Ensure("roleRef")["apiGroup"] = Group;
        }

        foreach (var subject in binding.Items("subjects"))
        {
            if (string.IsNullOrEmpty(subject.Text("apiGroup")) && subject.Text("kind") is ("User" or "Group"))
            {
                subject["apiGroup"] = Group;
            }
        }
    }
}
