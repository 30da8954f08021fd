using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Auth;

/// <summary>Aggregated cluster roles: the rules of all roles that carry the selected labels.</summary>
internal static class ClusterRoleAggregation
{
    public static JsonArray Collect(IResourceRegistry registry, JsonObject role) =>
        Collect(registry, role, new HashSet<string>(StringComparer.Ordinal) { role.MetadataText("name") ?? "" });

    private static JsonArray Collect(IResourceRegistry registry, JsonObject role, HashSet<string> visited)
    {
        var selectors = role.Items("aggregationRule", "clusterRoleSelectors").Select(LabelSelector.FromJson).ToList();
        var rules = new JsonArray();
        foreach (var candidate in registry.List(RbacResources.ClusterRoles))
        {
            var labels = candidate.Content.Map("metadata", "labels");
            if (!selectors.Exists(selector => selector.Matches(labels)) || !visited.Add(candidate.Name))
            {
                continue;
            }

            var found = candidate.Content["aggregationRule"] is JsonObject
                ? Collect(registry, candidate.Content, visited)
                : candidate.Content["rules"] as JsonArray;
            foreach (var rule in found ?? [])
            {
                if (!rules.Any(known => JsonNode.DeepEquals(known, rule)))
                {
                    rules.Add(rule?.DeepClone());
                }
            }
        }

        return rules;
    }
}
