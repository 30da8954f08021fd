using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates the workloads of <c>apps/v1</c>.</summary>
internal static partial class WorkloadValidation
{
    private static readonly string[] StatefulSetChanges =
        [
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds",
        ];

    public static void Deployment(JsonObject deployment, JsonObject? old, Findings findings)
    {
        var (spec, path) = (deployment.Map("spec") ?? [], FieldPath.At("spec"));
        findings.NonNegative(path["replicas"], spec.Number("replicas"));
        Selector(spec, "deployment", findings, path);
        Template(spec, "ReplicaSet", findings, path["template"]);
        Strategy(spec.Map("strategy"), findings, path["strategy"]);
        findings.NonNegative(path["minReadySeconds"], spec.Number("minReadySeconds"));
        findings.NonNegative(path["revisionHistoryLimit"], spec.Number("revisionHistoryLimit"));
        if (spec.Number("progressDeadlineSeconds") is { } deadline)
        {
            findings.NonNegative(path["progressDeadlineSeconds"], deadline);
            if (deadline <= (spec.Number("minReadySeconds") ?? 0))
            {
                findings.Invalid(path["progressDeadlineSeconds"], deadline, "must be greater than minReadySeconds");
            }
        }

        Immutable(spec, old, findings, path["selector"]);
    }

    public static void ReplicaSet(JsonObject replicaSet, JsonObject? old, Findings findings)
    {
        var (spec, path) = (replicaSet.Map("spec") ?? [], FieldPath.At("spec"));
        findings.NonNegative(path["replicas"], spec.Number("replicas"));
        findings.NonNegative(path["minReadySeconds"], spec.Number("minReadySeconds"));
        Selector(spec, "deployment", findings, path);
        Template(spec, "ReplicaSet", findings, path["template"]);
        Immutable(spec, old, findings, path["selector"]);
    }

    public static void DaemonSet(JsonObject daemonSet, JsonObject? old, Findings findings)
    {
        var (spec, path) = (daemonSet.Map("spec") ?? [], FieldPath.At("spec"));
        Selector(spec, "daemonset", findings, path);
        Template(spec, "DaemonSet", findings, path["template"]);
        findings.NonNegative(path["minReadySeconds"], spec.Number("minReadySeconds"));
        if (spec.Text("updateStrategy", "type") is not ("RollingUpdate" or "OnDelete"))
        {
            findings.NotSupported(
                path["updateStrategy"], Unknown(spec.Map("updateStrategy")), "RollingUpdate", "OnDelete");
        }
        else if (spec.Map("updateStrategy", "rollingUpdate") is { } rolling)
        {
            DaemonSetUpdate(rolling, findings, path["updateStrategy"]["rollingUpdate"]);
        }

        findings.NonNegative(path["revisionHistoryLimit"], spec.Number("revisionHistoryLimit"));
        Immutable(spec, old, findings, path["selector"]);
    }

    public static void StatefulSet(JsonObject statefulSet, JsonObject? old, Findings findings)
    {
        var (spec, path) = (statefulSet.Map("spec") ?? [], FieldPath.At("spec"));
        if (old.Map("spec") is { } before)
        {
            StatefulSetUpdate(spec, before, findings, path);
        }

        if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
        {
            findings.Invalid(
                path["podManagementPolicy"], spec.Text("podManagementPolicy"), "must be 'OrderedReady' or 'Parallel'");
        }

        if (spec.Text("updateStrategy", "type") is not ("RollingUpdate" or "OnDelete"))
        {
            findings.Invalid(
                path["updateStrategy"], Unknown(spec.Map("updateStrategy")), "must be 'RollingUpdate' or 'OnDelete'");
        }
        else
        {
            StatefulSetStrategy(spec.Map("updateStrategy") ?? [], findings, path["updateStrategy"]["rollingUpdate"]);
        }

        foreach (var field in (ReadOnlySpan<string>)["whenDeleted", "whenScaled"])
        {
            findings.OneOf(
                path["persistentVolumeClaimRetentionPolicy"][field],
                spec.Text("persistentVolumeClaimRetentionPolicy", field),
                "Retain",
                "Delete");
        }

        findings.NonNegative(path["replicas"], spec.Number("replicas"));
        findings.NonNegative(path["minReadySeconds"], spec.Number("minReadySeconds"));
        findings.NonNegative(path["ordinals.start"], spec.Number("ordinals", "start"));
        if (spec.NonEmpty("serviceName") is { } service)
        {
            findings.Invalid(path["serviceName"], service, NameFormats.Label(service));
        }

        Selector(spec, "statefulset", findings, path);
        Template(spec, "StatefulSet", findings, path["template"]);
    }

    private static void StatefulSetStrategy(JsonObject strategy, Findings findings, FieldPath path)
    {
        if (strategy.Map("rollingUpdate") is not { } rolling)
        {
            return;
        }

        if (strategy.Text("type") == "OnDelete")
        {
            findings.Invalid(path, Update(rolling), "only allowed for updateStrategy 'RollingUpdate'");
            return;
        }

        findings.NonNegative(path["partition"], rolling.Number("partition"));
    }

    // The real server prints its internal struct.
    private static JsonObject Update(JsonObject rolling) => new()
    {
        ["Partition"] = rolling["partition"]?.DeepClone() ?? 0,
        ["MaxUnavailable"] = rolling["maxUnavailable"]?.DeepClone(),
    };

    /// <summary>The volumes that a StatefulSet adds to its template, one for each claim.</summary>
    private static HashSet<string> ClaimVolumes(JsonObject spec) =>
        [.. spec.Items("volumeClaimTemplates").Select(claim => claim.Text("metadata", "name") ?? "")];

    public static void ControllerRevision(JsonObject revision, JsonObject? old, Findings findings)
    {
        findings.NonNegative(FieldPath.At("revision"), revision.Number("revision"));
        if (old is not null || revision["data"] is JsonObject)
        {
            return;
        }

        findings.Required(
            FieldPath.At("data"), revision.Has("data") ? "data must be a valid JSON object" : "data is mandatory");
    }

    /// <summary>Requires a count or a percentage.</summary>
    public static void CountOrPercent(JsonNode? value, Findings findings, FieldPath path)
    {
        if (value.Text() is not { } text)
        {
            findings.NonNegative(path, value.Number());
        }
        else if (!Percentage().IsMatch(text))
        {
            findings.Invalid(
                path,
                text,
                "a valid percent string must be a numeric string followed by an ending '%' " +
                "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
        }
    }

    /// <summary>Requires a percentage of at most 100.</summary>
    public static void AtMostAll(JsonNode? value, Findings findings, FieldPath path)
    {
        if (value.Text() is { } text && Percentage().IsMatch(text) && Percent(text) > 100)
        {
            findings.Invalid(path, text, "must not be greater than 100%");
        }
    }

    private static BigInteger Percent(string text) =>
        BigInteger.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture);

    private static void StatefulSetUpdate(JsonObject spec, JsonObject old, Findings findings, FieldPath path)
    {
        var (after, before) = (spec.DeepClone().AsObject(), old.DeepClone().AsObject());
        foreach (var field in StatefulSetChanges)
        {
            after.Remove(field);
            before.Remove(field);
        }

        if (!after.SameAs(before))
        {
            findings.Forbidden(
                path,
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                + "'updateStrategy', " +
                "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    private static void Selector(JsonObject spec, string owner, Findings findings, FieldPath path)
    {
        var selector = spec.Map("selector");
        if (selector is null)
        {
            findings.Required(path["selector"]);
        }
        else
        {
            LabelSelectorValidation.Validate(selector, findings, path["selector"]);
            if (LabelSelectorValidation.IsEmpty(selector))
            {
                findings.Invalid(path["selector"], selector.DeepClone(), $"empty selector is invalid for {owner}");
                return;
            }
        }

        var labels = spec.Map("template", "metadata", "labels");
        if (!LabelSelector.Selects(selector, labels))
        {
            findings.Invalid(
                path["template"]["metadata"]["labels"],
                labels?.DeepClone() ?? new JsonObject(),
                "`selector` does not match template `labels`");
        }
    }

    private static void Template(JsonObject spec, string owner, Findings findings, FieldPath path)
    {
        PodValidation.Template(spec.Map("template"), findings, path, ClaimVolumes(spec));
        if (spec.Text("template", "spec", "restartPolicy") is "Never" or "OnFailure")
        {
            findings.NotSupported(
                path["spec"]["restartPolicy"], spec.Text("template", "spec", "restartPolicy"), "Always");
        }

        if (spec.Has("template", "spec", "activeDeadlineSeconds"))
        {
            findings.Forbidden(
                path["spec"]["activeDeadlineSeconds"], $"activeDeadlineSeconds in {owner} is not Supported");
        }
    }

    private static void Strategy(JsonObject? strategy, Findings findings, FieldPath path)
    {
        var rolling = strategy.Map("rollingUpdate");
        switch (strategy.Text("type"))
        {
            case "Recreate" when rolling is not null:
                findings.Forbidden(path["rollingUpdate"], "may not be specified when strategy `type` is 'Recreate'");
                break;
            case "Recreate":
                break;
            case "RollingUpdate":
                CountOrPercent(rolling?["maxUnavailable"], findings, path["rollingUpdate"]["maxUnavailable"]);
                CountOrPercent(rolling?["maxSurge"], findings, path["rollingUpdate"]["maxSurge"]);
                RollingLimits(rolling, findings, path["rollingUpdate"]);
                break;
            default:
                findings.NotSupported(path, Unknown(strategy), "Recreate", "RollingUpdate");
                break;
        }
    }

    /// <summary>A DaemonSet replaces pods before or after the new ones start, not both.</summary>
    private static void DaemonSetUpdate(JsonObject rolling, Findings findings, FieldPath path)
    {
        foreach (var bound in (ReadOnlySpan<string>)["maxUnavailable", "maxSurge"])
        {
            CountOrPercent(rolling[bound], findings, path[bound]);
            AtMostAll(rolling[bound], findings, path[bound]);
        }

        switch (IsZero(rolling["maxUnavailable"]), IsZero(rolling["maxSurge"]))
        {
            case (true, true):
                findings.Required(path["maxUnavailable"], "cannot be 0 when maxSurge is 0");
                break;
            case (false, false):
                findings.Invalid(
                    path["maxSurge"], rolling["maxSurge"], "may not be set when maxUnavailable is non-zero");
                break;
        }
    }

    private static bool IsZero(JsonNode? value) =>
        value.Number() == 0 || value.Text() is { } text && text.TrimEnd('%').Trim('0').Length == 0;

    private static void RollingLimits(JsonObject? rolling, Findings findings, FieldPath path)
    {
        if (IsZero(rolling?["maxUnavailable"]) && IsZero(rolling?["maxSurge"]))
        {
            findings.Invalid(
                path["maxUnavailable"], rolling!["maxUnavailable"]!.DeepClone(), "may not be 0 when `maxSurge` is 0");
        }

        AtMostAll(rolling?["maxUnavailable"], findings, path["maxUnavailable"]);
    }

    private static void Immutable(JsonObject spec, JsonObject? old, Findings findings, FieldPath path)
    {
        if (old is not null && !spec["selector"].SameAs(old.At("spec", "selector")))
        {
            findings.Invalid(path, spec["selector"]?.DeepClone(), "field is immutable");
        }
    }

    // The real server prints its internal struct.
    private static JsonObject Unknown(JsonObject? strategy) =>
        new() { ["Type"] = strategy.Text("type"), ["RollingUpdate"] = null };

    [GeneratedRegex(@"\A[0-9]+%\z")]
    private static partial Regex Percentage();
}
