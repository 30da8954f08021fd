using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>meta/v1 LabelSelector.</summary>
internal static class LabelSelectorValidation
{
    public static void Validate(JsonObject? selector, Findings findings, FieldPath path)
    {
        ObjectMetaValidation.Labels(selector.Map("matchLabels"), findings, path["matchLabels"]);
        var index = 0;
        foreach (var requirement in selector.Items("matchExpressions"))
        {
            Requirement(requirement, findings, path["matchExpressions"][index++]);
        }
    }

    /// <summary>True when nothing selects, which for most owners of a selector means a mistake.</summary>
    public static bool IsEmpty(JsonObject selector) =>
        selector.Map("matchLabels") is not { Count: > 0 } && selector.List("matchExpressions") is not { Count: > 0 };

    private static void Requirement(JsonObject requirement, Findings findings, FieldPath path)
    {
        var values = requirement.Texts("values").ToList();
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn" when values.Count == 0:
                findings.Required(path["values"], "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "In" or "NotIn":
                break;
            case "Exists" or "DoesNotExist" when values.Count > 0:
                findings.Forbidden(
                    path["values"], "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Exists" or "DoesNotExist":
                break;
            case var unknown:
                findings.Invalid(path["operator"], unknown ?? "", "not a valid selector operator");
                break;
        }

        findings.Invalid(
            path["key"], requirement.Text("key") ?? "", NameFormats.QualifiedName(requirement.Text("key") ?? ""));
        for (var i = 0; i < values.Count; i++)
        {
            findings.Invalid(path["values"][i], values[i], NameFormats.LabelValue(values[i]));
        }
    }
}
