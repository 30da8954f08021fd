using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Tolerations and topology spread.</summary>
internal static class SchedulingValidation
{
    public static void Tolerations(JsonObject spec, Findings findings, FieldPath path)
    {
        var index = 0;
        foreach (var toleration in spec.Items("tolerations"))
        {
            Toleration(toleration, findings, path[index++]);
        }
    }

    public static void TopologySpread(JsonObject spec, Findings findings, FieldPath path)
    {
        var index = 0;
        foreach (var constraint in spec.Items("topologySpreadConstraints"))
        {
            var at = path[index++];
            if (constraint.Number("maxSkew") is null or <= 0)
            {
                findings.Invalid(at["maxSkew"], constraint.Number("maxSkew") ?? 0, "must be greater than zero");
            }

            if (string.IsNullOrEmpty(constraint.Text("topologyKey")))
            {
                findings.Required(at["topologyKey"], "can not be empty");
            }

            findings.OneOf(
                at["whenUnsatisfiable"], constraint.Text("whenUnsatisfiable") ?? "", "DoNotSchedule", "ScheduleAnyway");
            LabelSelectorValidation.Validate(constraint.Map("labelSelector"), findings, at["labelSelector"]);
        }
    }

    private static void Toleration(JsonObject toleration, Findings findings, FieldPath path)
    {
        var key = toleration.Text("key") ?? "";
        var value = toleration.Text("value") ?? "";
        var comparison = toleration.Text("operator") ?? "";
        if (key.Length > 0)
        {
            findings.Invalid(path["key"], key, NameFormats.QualifiedName(key));
        }
        else if (comparison != "Exists")
        {
            findings.Invalid(
                path["operator"],
                comparison,
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }

        if (toleration.Has("tolerationSeconds") && toleration.Text("effect") != "NoExecute")
        {
            findings.Invalid(
                path["effect"],
                toleration.Text("effect") ?? "",
                "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        switch (comparison)
        {
            case "" or "Equal":
                findings.Invalid(path["operator"], value, NameFormats.LabelValue(value));
                break;
            case "Exists":
                if (value.Length > 0)
                {
                    findings.Invalid(path["operator"], value, "value must be empty when `operator` is 'Exists'");
                }

                break;
            default:
                findings.NotSupported(path["operator"], comparison, "Equal", "Exists");
                break;
        }

        if (toleration.Text("effect") is { Length: > 0 } effect)
        {
            findings.OneOf(path["effect"], effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }
}
