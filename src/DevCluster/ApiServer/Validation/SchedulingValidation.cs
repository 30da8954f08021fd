using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates tolerations and topology spread constraints.</summary>
internal static class SchedulingValidation
{
    public static void Tolerations(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var (i, toleration) in spec.Items("tolerations").Index())
        {
            Toleration(toleration, findings, path[i]);
        }
    }

    public static void TopologySpread(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var (i, constraint) in spec.Items("topologySpreadConstraints").Index())
        {
            var at = path[i];
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

/// <summary>Validates node affinity and pod affinity.</summary>
internal static class AffinityValidation
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    public static void Validate(JsonObject? affinity, Findings findings, FieldPath path)
    {
        Nodes(affinity.Map("nodeAffinity"), findings, path["nodeAffinity"]);
        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            Pods(affinity.Map(kind), findings, path[kind]);
        }
    }

    private static void Nodes(JsonObject? affinity, Findings findings, FieldPath path)
    {
        if (affinity.Map(Required) is { } required)
        {
            var terms = path[Required]["nodeSelectorTerms"];
            if (required.List("nodeSelectorTerms") is not { Count: > 0 })
            {
                findings.Required(terms, "must have at least one node selector term");
            }

            foreach (var (i, term) in required.Items("nodeSelectorTerms").Index())
            {
                Term(term, findings, terms[i]);
            }
        }

        var preferred = 0;
        foreach (var term in affinity.Items(Preferred))
        {
            var at = path[Preferred][preferred++];
            Weight(term, findings, at["weight"]);
            Term(term.Map("preference"), findings, at["preference"]);
        }
    }

    private static void Term(JsonObject? term, Findings findings, FieldPath path)
    {
        foreach (var (i, requirement) in term.Items("matchExpressions").Index())
        {
            var at = path["matchExpressions"][i];
            Requirement(requirement, findings, at);
            var key = requirement.Text("key") ?? "";
            findings.Invalid(at["key"], key, NameFormats.QualifiedName(key));
        }

        foreach (var (i, requirement) in term.Items("matchFields").Index())
        {
            var at = path["matchFields"][i];
            Requirement(requirement, findings, at);
            if (requirement.Text("key") != "metadata.name")
            {
                findings.NotSupported(at["key"], requirement.Text("key"), "metadata.name");
            }
        }
    }

    private static void Requirement(JsonObject requirement, Findings findings, FieldPath path)
    {
        var count = requirement.List("values")?.Count ?? 0;
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn":
                if (count == 0)
                {
                    findings.Required(path["values"], "must be specified when `operator` is 'In' or 'NotIn'");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (count > 0)
                {
                    findings.Forbidden(
                        path["values"], "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }

                break;
            case "Gt" or "Lt":
                if (count != 1)
                {
                    findings.Required(path["values"], "must be specified single value when `operator` is 'Lt' or 'Gt'");
                }

                break;
            case var unknown:
                findings.Invalid(path["operator"], unknown ?? "", "not a valid selector operator");
                break;
        }
    }

    private static void Pods(JsonObject? affinity, Findings findings, FieldPath path)
    {
        foreach (var (i, term) in affinity.Items(Required).Index())
        {
            PodTerm(term, findings, path[Required][i]);
        }

        foreach (var (i, weighted) in affinity.Items(Preferred).Index())
        {
            var at = path[Preferred][i];
            Weight(weighted, findings, at["weight"]);
            PodTerm(weighted.Map("podAffinityTerm"), findings, at["podAffinityTerm"]);
        }
    }

    private static void PodTerm(JsonObject? term, Findings findings, FieldPath path)
    {
        LabelSelectorValidation.Validate(term.Map("labelSelector"), findings, path["labelSelector"]);
        if (string.IsNullOrEmpty(term.Text("topologyKey")))
        {
            findings.Required(path["topologyKey"], "can not be empty");
        }
    }

    private static void Weight(JsonObject term, Findings findings, FieldPath path)
    {
        if (term.Number("weight") is not (>= 1 and <= 100))
        {
            findings.Invalid(path, term.Number("weight") ?? 0, "must be in the range 1-100");
        }
    }
}
