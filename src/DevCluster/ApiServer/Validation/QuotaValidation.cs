using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates ResourceQuotas.</summary>
internal static class QuotaValidation
{
    private const string Conflict = "conflicting scopes";

    private static readonly string[] PodScopes =
    [
        "Terminating",
        "NotTerminating",
        "BestEffort",
        "NotBestEffort",
        "CrossNamespacePodAffinity",
    ];

    private static readonly string[] Scopes = [.. PodScopes, "PriorityClass", "VolumeAttributesClass"];

    private static readonly (string, string)[] Opposites =
        [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")];

    private static readonly string[] OfPods =
    [
        "pods",
        "cpu",
        "memory",
        "limits.cpu",
        "limits.memory",
        "requests.cpu",
        "requests.memory",
    ];

    public static void Quota(JsonObject quota, JsonObject? old, Findings findings)
    {
        var (spec, path) = (quota.Map("spec") ?? [], FieldPath.At("spec"));
        foreach (var (name, text) in spec.Map("hard") ?? [])
        {
            Hard(name, text, findings, path["hard"].Key(name));
        }

        Listed(spec, findings, path["scopes"]);
        Selected(spec, findings, path["scopeSelector"]["matchExpressions"]);
        if (old is not null && !spec.Texts("scopes").ToHashSet().SetEquals(old.Texts("spec", "scopes")))
        {
            findings.Invalid(path["scopes"], spec["scopes"], "field is immutable");
        }
    }

    private static void Hard(string name, JsonNode? text, Findings findings, FieldPath path)
    {
        ResourceNames.Any(name, findings, path);
        if (!name.Contains('/', StringComparison.Ordinal) && !ResourceNames.IsCounted(name))
        {
            findings.Invalid(path, name, "must be a standard resource for quota");
        }

        if (!Quantity.TryParse(text.Text(), out var amount))
        {
            return;
        }

        if (amount.Nanos.Sign < 0)
        {
            findings.Invalid(path, amount.ToString(), "must be greater than or equal to 0");
        }

        if (ResourceNames.IsInteger(name) && !amount.IsWhole)
        {
            findings.Invalid(path, amount.ToString(), "must be an integer");
        }
    }

    private static void Listed(JsonObject spec, Findings findings, FieldPath path)
    {
        var scopes = spec.Texts("scopes");
        var shown = spec["scopes"];
        foreach (var scope in scopes)
        {
            if (!Scopes.Contains(scope))
            {
                findings.Invalid(path, shown, "unsupported scope");
            }

            for (var i = Unfit(spec, scope); i > 0; i--)
            {
                findings.Invalid(path, shown, "unsupported scope applied to resource");
            }
        }

        Opposed(scopes, shown, findings, path);
    }

    private static void Selected(JsonObject spec, Findings findings, FieldPath path)
    {
        var requirements = spec.Items("scopeSelector", "matchExpressions");
        foreach (var requirement in requirements)
        {
            var scope = requirement.TextOrEmpty("scopeName");
            if (!Scopes.Contains(scope))
            {
                findings.Invalid(path["scopeName"], scope, "unsupported scope");
            }

            for (var i = Unfit(spec, scope); i > 0; i--)
            {
                findings.Invalid(path, Selector(requirements), "unsupported scope applied to resource");
            }

            Requirement(requirement, scope, findings, path);
        }

        var scopes = requirements.Select(requirement => requirement.TextOrEmpty("scopeName")).ToList();

        // The real server shows the listed scopes here instead of the selected ones.
        Opposed(scopes, spec["scopes"], findings, path);
    }

    private static void Requirement(JsonObject requirement, string scope, Findings findings, FieldPath path)
    {
        var comparison = requirement.TextOrEmpty("operator");
        if (PodScopes.Contains(scope) && comparison != "Exists")
        {
            findings.Invalid(
                path["operator"],
                comparison,
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                + "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
                + "ResourceQuotaScopeCrossNamespacePodAffinity");
        }

        var hasValues = requirement.Count("values") > 0;
        switch (comparison)
        {
            case "In" or "NotIn":
                if (!hasValues)
                {
                    findings.Required(
                        path["values"],
                        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (hasValues)
                {
                    findings.Invalid(
                        path["values"],
                        requirement["values"],
                        "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                }

                break;
            default:
                findings.Invalid(path["operator"], comparison, "not a valid selector operator");
                break;
        }
    }

    private static void Opposed(
        IReadOnlyList<string> scopes, JsonNode? shown, Findings findings, FieldPath path)
    {
        foreach (var (one, other) in Opposites)
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                findings.Invalid(path, shown, Conflict);
            }
        }
    }

    /// <summary>The number of limited resources to which a scope does not apply.</summary>
    private static int Unfit(JsonObject spec, string scope) => (spec.Map("hard") ?? [])
        .Select(pair => pair.Key)
        .Where(ResourceNames.IsCounted)
        .Count(name => scope switch
        {
            "BestEffort" => name != "pods",
            "VolumeAttributesClass" => name is not ("persistentvolumeclaims" or "requests.storage"),
            _ => Scopes.Contains(scope) && !OfPods.Contains(name),
        });

    // The real server prints its internal struct.
    private static JsonObject Selector(IReadOnlyList<JsonObject> requirements) => new()
    {
        ["MatchExpressions"] = new JsonArray([.. requirements.Select(requirement => new JsonObject
        {
            ["ScopeName"] = requirement.TextOrEmpty("scopeName"),
            ["Operator"] = requirement.TextOrEmpty("operator"),
            ["Values"] = requirement["values"]?.DeepClone(),
        })]),
    };
}

/// <summary>Validates LimitRanges.</summary>
internal static class LimitRangeValidation
{
    private static readonly string[] Bounds = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

    public static void LimitRange(JsonObject range, JsonObject? old, Findings findings)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, limit) in range.Items("spec", "limits").Index())
        {
            var (path, type) = (FieldPath.At("spec")["limits"][i], limit.TextOrEmpty("type"));
            Type(type, findings, path["type"]);
            if (!types.Add(type))
            {
                findings.Duplicate(path["type"], type);
            }

            Limit(limit, type, findings, path);
        }
    }

    private static void Type(string type, Findings findings, FieldPath path)
    {
        var problems = NameFormats.QualifiedName(type);
        findings.Invalid(path, type, problems);
        if (problems.Count == 0
            && !type.Contains('/', StringComparison.Ordinal)
            && type is not ("Pod" or "Container" or "PersistentVolumeClaim"))
        {
            findings.Invalid(path, type, "must be a standard limit type or fully qualified");
        }
    }

    private static void Limit(JsonObject limit, string type, Findings findings, FieldPath path)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var bound in Bounds)
        {
            var amounts = limit.Map(bound) ?? [];
            if (type == "Pod" && bound is "default" or "defaultRequest")
            {
                if (amounts.Count > 0)
                {
                    findings.Forbidden(path[bound], "may not be specified when `type` is 'Pod'");
                }

                continue;
            }

            foreach (var (name, _) in amounts)
            {
                names.Add(name);
                if (type is "Pod" or "Container")
                {
                    ResourceNames.OfContainer(name, findings, path[bound].Key(name));
                }
                else
                {
                    ResourceNames.Any(name, findings, path[bound].Key(name));
                }
            }
        }

        if (type == "PersistentVolumeClaim" && !limit.Has("min", "storage") && !limit.Has("max", "storage"))
        {
            findings.Required(
                path["limits"], "either minimum or maximum storage value is required, but neither was provided");
        }

        foreach (var name in names)
        {
            Order(name, limit, type, findings, path);
        }
    }

    private static void Order(string name, JsonObject limit, string type, Findings findings, FieldPath path)
    {
        Quantity? Amount(string bound) =>
            Quantity.TryParse(limit.Text(bound, name), out var amount) ? amount : null;
        var (least, most, ratio) = (Amount("min"), Amount("max"), Amount("maxLimitRequestRatio"));
        var (fallback, request) = type == "Pod" ? (null, null) : (Amount("default"), Amount("defaultRequest"));

        void Compare(string bound, Quantity? low, string lowName, Quantity? high, string highName, Quantity? shown)
        {
            if (low is { } lower && high is { } upper && lower.CompareTo(upper) > 0)
            {
                findings.Invalid(
                    path[bound].Key(name),
                    shown.ToString(),
                    $"{lowName} value {lower} is greater than {highName} value {upper}");
            }
        }

        Compare("min", least, "min", most, "max", least);
        Compare("defaultRequest", least, "min", request, "default request", request);
        Compare("defaultRequest", request, "default request", most, "max", request);
        Compare("defaultRequest", request, "default request", fallback, "default limit", request);
        Compare("default", least, "min", fallback, "default", least);
        Compare("default", fallback, "default", most, "max", most);
        Ratio(ratio, least, most, findings, path["maxLimitRequestRatio"].Key(name));
        if (!ResourceNames.MayBeOvercommitted(name)
            && fallback is { } given
            && request is { } requested
            && given != requested)
        {
            findings.Invalid(
                path["defaultRequest"].Key(name),
                requested.ToString(),
                $"default value {given} must equal to defaultRequest value {requested} in {name}");
        }
    }

    private static void Ratio(Quantity? ratio, Quantity? least, Quantity? most, Findings findings, FieldPath path)
    {
        if (ratio is not { } given)
        {
            return;
        }

        if (given.CompareTo(Quantity.FromInteger(1)) < 0)
        {
            findings.Invalid(path, given.ToString(), $"ratio {given} is less than 1");
        }

        if (least is { } low && most is { } high)
        {
            var limit = high.ApproximateFloat / low.ApproximateFloat;
            if (given.ApproximateFloat > limit)
            {
                findings.Invalid(
                    path,
                    given.ToString(),
                    string.Create(CultureInfo.InvariantCulture, $"ratio {given} is greater than max/min = {limit:F6}"));
            }
        }
    }
}

/// <summary>The names of resources: compute, storage, object counts and extended resources.</summary>
internal static class ResourceNames
{
    private static readonly string[] Compute = ["cpu", "memory", "ephemeral-storage"];

    private static readonly string[] Counts =
    [
        "pods",
        "resourcequotas",
        "services",
        "replicationcontrollers",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "services.nodeports",
        "services.loadbalancers",
    ];

    /// <summary>Whether a quota can limit the resource without a domain prefix.</summary>
    public static bool IsCounted(string name) =>
        Counts.Contains(name)
        || Compute.Contains(WithoutSide(name))
        || name == "requests.storage"
        || IsHugePages(name)
        || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);

    /// <summary>Whether amounts of the resource are whole numbers.</summary>
    public static bool IsInteger(string name) => Counts.Contains(name) || IsExtended(name);

    /// <summary>Whether it is an extended resource, whose requests cannot exceed its limits.</summary>
    public static bool IsExtended(string name) =>
        !IsNative(name)
        && !name.StartsWith("requests.", StringComparison.Ordinal)
        && NameFormats.QualifiedName($"requests.{name}").Count == 0;

    public static bool MayBeOvercommitted(string name) => IsNative(name) && !IsHugePages(name);

    /// <summary>The resource whose requests or limits a quota limits.</summary>
    public static string WithoutSide(string name) =>
        name.StartsWith("requests.", StringComparison.Ordinal) ? name["requests.".Length..]
        : name.StartsWith("limits.", StringComparison.Ordinal) ? name["limits.".Length..]
        : name;

    /// <summary>Requires a known resource or one with a domain prefix.</summary>
    public static void Any(string name, Findings findings, FieldPath path)
    {
        var problems = NameFormats.QualifiedName(name);
        findings.Invalid(path, name, problems);
        if (problems.Count == 0
            && !name.Contains('/', StringComparison.Ordinal)
            && !IsCounted(name)
            && name != "storage")
        {
            findings.Invalid(path, name, "must be a standard resource type or fully qualified");
        }
    }

    /// <summary>Requires a resource that containers can request.</summary>
    public static void OfContainer(string name, Findings findings, FieldPath path)
    {
        Any(name, findings, path);
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            if (!Compute.Contains(name) && !IsHugePages(name))
            {
                findings.Invalid(path, name, "must be a standard resource for containers");
            }
        }
        else if (!IsNative(name) && !IsExtended(name))
        {
            findings.Invalid(path, name, "doesn't follow extended resource name standard");
        }
    }

    /// <summary>Whether the name has no domain, or one of Kubernetes' own.</summary>
    private static bool IsNative(string name) =>
        !name.Contains('/', StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    private static bool IsHugePages(string name) => name.StartsWith("hugepages-", StringComparison.Ordinal);
}
