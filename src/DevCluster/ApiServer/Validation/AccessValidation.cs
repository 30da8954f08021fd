using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates RBAC objects.</summary>
internal static class AccessValidation
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Role(JsonObject role, JsonObject? old, Findings findings) => Rules(role, true, findings);

    public static void ClusterRole(JsonObject role, JsonObject? old, Findings findings)
    {
        Rules(role, false, findings);
        if (role.Map("aggregationRule") is { } aggregation)
        {
            Aggregation(aggregation, findings, FieldPath.At("aggregationRule")["clusterRoleSelectors"]);
        }
    }

    public static void RoleBinding(JsonObject binding, JsonObject? old, Findings findings) =>
        Binding(binding, old, true, findings);

    public static void ClusterRoleBinding(JsonObject binding, JsonObject? old, Findings findings) =>
        Binding(binding, old, false, findings);

    private static void Aggregation(JsonObject aggregation, Findings findings, FieldPath path)
    {
        var selectors = aggregation.Items("clusterRoleSelectors");
        if (selectors.Count == 0)
        {
            findings.Required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil");
        }

        for (var i = 0; i < selectors.Count; i++)
        {
            var before = findings.Errors.Count;
            LabelSelectorValidation.Validate(selectors[i], findings, path[i]);
            if (findings.Errors.Count > before)
            {
                findings.Invalid(path[i], null, "invalid label selector.");
            }
        }
    }

    private static void Rules(JsonObject role, bool isNamespaced, Findings findings)
    {
        foreach (var (i, rule) in role.Items("rules").Index())
        {
            Rule(rule, isNamespaced, findings, FieldPath.At("rules")[i]);
        }
    }

    private static void Rule(JsonObject rule, bool isNamespaced, Findings findings, FieldPath path)
    {
        static bool Has(JsonObject rule, string list) => rule.List(list) is { Count: > 0 };
        if (!Has(rule, "verbs"))
        {
            findings.Required(path["verbs"], "verbs must contain at least one value");
        }

        if (Has(rule, "nonResourceURLs"))
        {
            var urls = rule["nonResourceURLs"]?.DeepClone();
            if (isNamespaced)
            {
                findings.Invalid(path["nonResourceURLs"], urls, "namespaced rules cannot apply to non-resource URLs");
            }
            else if (Has(rule, "apiGroups") || Has(rule, "resources") || Has(rule, "resourceNames"))
            {
                findings.Invalid(
                    path["nonResourceURLs"],
                    urls,
                    "rules cannot apply to both regular resources and non-resource URLs");
            }

            return;
        }

        if (!Has(rule, "apiGroups"))
        {
            findings.Required(path["apiGroups"], "resource rules must supply at least one api group");
        }

        if (!Has(rule, "resources"))
        {
            findings.Required(path["resources"], "resource rules must supply at least one resource");
        }
    }

    private static void Binding(JsonObject binding, JsonObject? old, bool isNamespaced, Findings findings)
    {
        var role = binding.Map("roleRef") ?? [];
        var path = FieldPath.At("roleRef");
        if (old is not null && !role.SameAs(old["roleRef"]))
        {
            var shown = new JsonObject
            {
                ["APIGroup"] = role.Text("apiGroup"),
                ["Kind"] = role.Text("kind"),
                ["Name"] = role.Text("name"),
            };
            findings.Invalid(path, shown, "cannot change roleRef");
        }

        findings.OneOf(path["apiGroup"], role.Text("apiGroup"), Group);
        findings.OneOf(
            path["kind"],
            role.Text("kind") ?? "",
            isNamespaced ? ["Role", "ClusterRole"] : (ReadOnlySpan<string>)["ClusterRole"]);
        if (role.Text("name") is { Length: > 0 } name)
        {
            findings.Invalid(path["name"], name, NameFormats.PathSegment(name));
        }
        else
        {
            findings.Required(path["name"]);
        }

        foreach (var (i, subject) in binding.Items("subjects").Index())
        {
            Subject(subject, isNamespaced, findings, FieldPath.At("subjects")[i]);
        }
    }

    private static void Subject(JsonObject subject, bool isNamespaced, Findings findings, FieldPath path)
    {
        var name = subject.Text("name") ?? "";
        var group = subject.Text("apiGroup") ?? "";
        if (name.Length == 0)
        {
            findings.Required(path["name"]);
        }

        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                if (name.Length > 0)
                {
                    findings.Invalid(path["name"], name, NameFormats.Subdomain(name));
                }

                findings.OneOf(path["apiGroup"], group, "");
                if (!isNamespaced && string.IsNullOrEmpty(subject.Text("namespace")))
                {
                    findings.Required(path["namespace"]);
                }

                break;
            case "User" or "Group":
                findings.OneOf(path["apiGroup"], group, Group);
                break;
            case var unknown:
                findings.NotSupported(path["kind"], unknown ?? "", "ServiceAccount", "User", "Group");
                break;
        }
    }
}
