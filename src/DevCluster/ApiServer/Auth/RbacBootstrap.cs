using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;

namespace DevCluster.ApiServer.Auth;

/// <summary>
/// Creates the roles and bindings that every cluster starts with, and keeps aggregated roles' rules filled in.
/// </summary>
internal static class RbacBootstrap
{
    private const string AggregateLabel = "rbac.authorization.k8s.io/aggregate-to-";

    private static readonly WriteOptions Options = new("kube-apiserver");

    public static void Create(IResourceRegistry registry)
    {
        foreach (var (name, aggregateTo, rules) in BootstrapRoles.WithRules)
        {
            var list = rules.Select(rule => Rule(rule.Groups, rule.Resources, rule.Verbs)).ToList();
            if (name == "cluster-admin")
            {
                list.Add(PathRule("*", "*"));
            }

            var role = Role(name, aggregateTo);
            role["rules"] = new JsonArray([.. list]);
            registry.Create(RbacResources.ClusterRoles, role, Options);
        }

        foreach (var (name, paths) in BootstrapRoles.WithPaths)
        {
            var role = Role(name, "");
            role["rules"] = new JsonArray(PathRule(paths, "get"));
            registry.Create(RbacResources.ClusterRoles, role, Options);
        }

        CreateAggregated(registry);
        foreach (var (role, groups) in BootstrapRoles.Bindings)
        {
            registry.Create(RbacResources.ClusterRoleBindings, Binding(role, groups), Options);
        }
    }

    // From the narrowest role to the widest, because each collects the one before.
    private static void CreateAggregated(IResourceRegistry registry)
    {
        foreach (var (name, aggregateTo) in BootstrapRoles.Aggregated.Reverse())
        {
            var role = Role(name, aggregateTo);
            role["aggregationRule"] = new JsonObject
            {
                ["clusterRoleSelectors"] = new JsonArray(
                    new JsonObject { ["matchLabels"] = new JsonObject { [AggregateLabel + name] = "true" } }),
            };
            role["rules"] = ClusterRoleAggregation.Collect(registry, role);
            registry.Create(RbacResources.ClusterRoles, role, Options);
        }
    }

    private static JsonObject Role(string name, string aggregateTo)
    {
        var labels = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" };
        if (aggregateTo.Length > 0)
        {
            labels[AggregateLabel + aggregateTo] = "true";
        }

        return new JsonObject { ["metadata"] = Metadata(name, labels) };
    }

    private static JsonObject Binding(string role, string[] groups) => new()
    {
        ["metadata"] = Metadata(role, new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" }),
        ["roleRef"] = new JsonObject { ["apiGroup"] = RbacResources.Group, ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(
            [
                .. groups.Select(
                    group => new JsonObject
                    {
                        ["apiGroup"] = RbacResources.Group,
                        ["kind"] = "Group",
                        ["name"] = group,
                    }),
            ]),
    };

    private static JsonObject Metadata(string name, JsonObject labels) => new()
    {
        ["name"] = name,
        ["labels"] = labels,
        ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
    };

    private static JsonObject Rule(string groups, string resources, string verbs) => new()
    {
        ["apiGroups"] = Texts(groups),
        ["resources"] = Texts(resources),
        ["verbs"] = Texts(verbs),
    };

    private static JsonObject PathRule(string paths, string verbs) =>
        new() { ["nonResourceURLs"] = Texts(paths), ["verbs"] = Texts(verbs) };

    private static JsonArray Texts(string words) =>
        new([.. words.Split(' ').Select(word => (JsonNode)(word == "-" ? "" : word))]);
}
