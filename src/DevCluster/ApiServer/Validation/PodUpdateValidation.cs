using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

/// <summary>Allows changes only to the mutable fields of a pod's spec.</summary>
internal static class PodUpdateValidation
{
    private const string Allowed =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
        "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void Validate(JsonObject spec, JsonObject old, Findings findings, FieldPath path)
    {
        if (CountDiffers(spec, old, "containers", findings, path)
            | CountDiffers(spec, old, "initContainers", findings, path))
        {
            return;
        }

        Images(spec, findings, path);
        Deadline(spec, old, findings, path["activeDeadlineSeconds"]);
        if (!HasOnlyAdditions(spec, old))
        {
            findings.Forbidden(
                path["tolerations"], "existing toleration can not be modified except its tolerationSeconds");
        }

        var comparable = spec.DeepClone().AsObject();
        Neutralize(comparable, old);
        if (!comparable.SameAs(old))
        {
            findings.Forbidden(path, Allowed);
        }
    }

    private static bool CountDiffers(JsonObject spec, JsonObject old, string list, Findings findings, FieldPath path)
    {
        if ((spec.List(list)?.Count ?? 0) == (old.List(list)?.Count ?? 0))
        {
            return false;
        }

        findings.Forbidden(path[list], "pod updates may not add or remove containers");
        return true;
    }

    private static void Images(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var (i, image) in spec.Items(list).Select(container => container.Text("image")).Index())
            {
                var at = path[list][i]["image"];
                if (string.IsNullOrEmpty(image))
                {
                    findings.Required(at);
                }
                else if (image.Trim() != image)
                {
                    findings.Invalid(at, image, "must not have leading or trailing whitespace");
                }
            }
        }
    }

    private static void Deadline(JsonObject spec, JsonObject old, Findings findings, FieldPath path)
    {
        var (before, after) = (old.Number("activeDeadlineSeconds"), spec.Number("activeDeadlineSeconds"));
        if (after is < 1 or > int.MaxValue)
        {
            findings.Invalid(path, after, "must be between 1 and 2147483647, inclusive");
        }
        else if (before is not null && after > before)
        {
            findings.Invalid(path, after, "must be less than or equal to previous value");
        }
        else if (before is not null && after is null)
        {
            findings.Invalid(path, null, "must not update from a positive integer to nil value");
        }
    }

    private static bool HasOnlyAdditions(JsonObject spec, JsonObject old) =>
        old.Items("tolerations").All(before => spec.Items("tolerations").Any(after => SameButTime(before, after)));

    private static bool SameButTime(JsonObject left, JsonObject right)
    {
        foreach (var field in (ReadOnlySpan<string>)["key", "operator", "value", "effect"])
        {
            if (left.Text(field) != right.Text(field))
            {
                return false;
            }
        }

        return true;
    }

    private static void Neutralize(JsonObject spec, JsonObject old)
    {
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var (container, before) in spec.Items(list).Zip(old.Items(list)))
            {
                container["image"] = before["image"]?.DeepClone();
            }
        }

        foreach (var field in (ReadOnlySpan<string>)["activeDeadlineSeconds", "tolerations"])
        {
            spec.Remove(field);
            if (old[field] is { } value)
            {
                spec[field] = value.DeepClone();
            }
        }

        if (old.Number("terminationGracePeriodSeconds") < 0 && spec.Number("terminationGracePeriodSeconds") == 1)
        {
            spec["terminationGracePeriodSeconds"] = old["terminationGracePeriodSeconds"]!.DeepClone();
        }

        if (IsSubset(spec.List("schedulingGates"), old.List("schedulingGates")))
        {
            spec.Remove("schedulingGates");
            if (old["schedulingGates"] is { } gates)
            {
                spec["schedulingGates"] = gates.DeepClone();
            }
        }
    }

    // Scheduling gates can be removed, but not added.
    private static bool IsSubset(JsonArray? gates, JsonArray? old) =>
        (gates ?? []).All(gate => (old ?? []).Any(before => gate.SameAs(before)));
}
