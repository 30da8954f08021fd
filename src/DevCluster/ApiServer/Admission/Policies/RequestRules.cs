using System.Text.Json.Nodes;
using DevCluster.ApiServer.Validation;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Admission.Policies;

/// <summary>Validates the rules by which policies, bindings and webhooks match requests.</summary>
internal static class RequestRules
{
    public static void Match(JsonObject match, FieldPath path, Findings findings)
    {
        findings.OneOf(path["matchPolicy"], match.Text("matchPolicy"), "Equivalent", "Exact");
        LabelSelectorValidation.Validate(match.Map("namespaceSelector"), findings, path["namespaceSelector"]);
        LabelSelectorValidation.Validate(match.Map("objectSelector"), findings, path["objectSelector"]);
        foreach (var field in new[] { "resourceRules", "excludeResourceRules" })
        {
            foreach (var (i, rule) in match.Items(field).Index())
            {
                Names(rule.Texts("resourceNames"), path[field][i]["resourceNames"], findings);
                Rule(rule, path[field][i], findings);
            }
        }
    }

    private static void Names(IReadOnlyList<string> names, FieldPath path, Findings findings)
    {
        foreach (var (i, name) in names.Index())
        {
            findings.Invalid(path[i], name, NameFormats.PathSegment(name));
            if (names.Take(i).Contains(name))
            {
                findings.Duplicate(path[i], name);
            }
        }
    }

    /// <summary>Validates one rule of a policy or webhook.</summary>
    public static void Rule(JsonObject rule, FieldPath path, Findings findings)
    {
        var operations = rule.Texts("operations");
        if (operations.Count == 0)
        {
            findings.Required(path["operations"]);
        }

        if (operations.Count > 1 && operations.Contains("*"))
        {
            findings.Invalid(
                path["operations"], rule["operations"], "if '*' is present, must not specify other operations");
        }

        foreach (var (i, operation) in operations.Index())
        {
            findings.OneOf(
                path["operations"][i], operation, "*", "CONNECT", "CREATE", "DELETE", "UPDATE");
        }

        Wildcards(rule, "apiGroups", "API groups", path, findings);
        Wildcards(rule, "apiVersions", "API versions", path, findings);
        var versions = rule.Texts("apiVersions");
        foreach (var (i, version) in versions.Index())
        {
            if (version.Length == 0)
            {
                findings.Required(path["apiVersions"][i]);
            }
        }

        Resources(rule, path["resources"], findings);
        findings.OneOf(path["scope"], rule.Text("scope"), "*", "Cluster", "Namespaced");
    }

    /// <summary><c>pods</c>, <c>pods/log</c>, <c>pods/*</c>, <c>*/scale</c>, <c>*/*</c> and <c>*</c>.</summary>
    private static void Resources(JsonObject rule, FieldPath path, Findings findings)
    {
        var resources = rule.Texts("resources");
        if (resources.Count == 0)
        {
            findings.Required(path);
        }

        var (wholes, everywhere) = (new HashSet<string>(), new HashSet<string>());
        var hasPlain = false;
        foreach (var (i, name) in resources.Index())
        {
            var parts = name.Split('/', 2);
            if (name.Length == 0)
            {
                findings.Required(path[i]);
                continue;
            }

            if (parts.Length == 1)
            {
                hasPlain = name != "*";
                continue;
            }

            if (wholes.Contains(parts[0]))
            {
                findings.Invalid(path[i], name, $"if '{parts[0]}/*' is present, must not specify {name}");
            }

            if (everywhere.Contains(parts[1]))
            {
                findings.Invalid(path[i], name, $"if '*/{parts[1]}' is present, must not specify {name}");
            }

            wholes.UnionWith(parts[1] == "*" ? [parts[0]] : []);
            everywhere.UnionWith(parts[0] == "*" ? [parts[1]] : []);
        }

        if (resources.Count > 1 && resources.Contains("*/*"))
        {
            findings.Invalid(path, rule["resources"], "if '*/*' is present, must not specify other resources");
        }

        if (hasPlain && resources.Contains("*"))
        {
            findings.Invalid(
                path,
                rule["resources"],
                "if '*' is present, must not specify other resources without subresources");
        }
    }

    private static void Wildcards(JsonObject rule, string field, string what, FieldPath path, Findings findings)
    {
        var items = rule.Texts(field);
        if (items.Count == 0)
        {
            findings.Required(path[field]);
        }

        if (items.Count > 1 && items.Contains("*"))
        {
            findings.Invalid(
                path[field], rule[field], $"if '*' is present, must not specify other {what}");
        }
    }
}
