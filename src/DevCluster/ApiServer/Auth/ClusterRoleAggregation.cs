using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Auth;

/// <summary>Aggregated cluster roles: the rules of all roles that carry the selected labels.</summary>
internal static class ClusterRoleAggregation
{
    public static JsonArray Collect(IResourceRegistry registry, JsonObject role) =>
        Collect(registry, role, new HashSet<string>(StringComparer.Ordinal) { role.MetadataText("name") ?? "" });

    private static JsonArray Collect(IResourceRegistry registry, JsonObject role, HashSet<string> visited)
    {
        var selectors = (role["aggregationRule"]?["clusterRoleSelectors"] as JsonArray ?? []).OfType<JsonObject>()
            .ToList();
        var rules = new JsonArray();
        foreach (var candidate in registry.List(RbacResources.ClusterRoles))
        {
            if (!selectors.Exists(selector => Selects(selector, candidate.Content)) || !visited.Add(candidate.Name))
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

    private static bool Selects(JsonObject selector, JsonObject role)
    {
        var labels = role["metadata"]?["labels"] as JsonObject ?? [];
        var exact = selector["matchLabels"] as JsonObject ?? [];
        var expressions = (selector["matchExpressions"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        return exact.Count + expressions.Count > 0
            && exact.All(wanted => (string?)labels[wanted.Key] == (string?)wanted.Value)
            && expressions.TrueForAll(expression => Matches(expression, labels));
    }

    private static bool Matches(JsonObject expression, JsonObject labels)
    {
        var value = (string?)labels[expression.TextOf("key") ?? ""];
        var values = (expression["values"] as JsonArray ?? []).Select(item => (string?)item).ToList();
        return expression.TextOf("operator") switch
        {
            "In" => value is not null && values.Contains(value),
            "NotIn" => value is null || !values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }
}
