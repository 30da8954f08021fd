using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission.Quotas;

/// <summary>
/// Applies the default resources of a namespace's LimitRanges, and refuses pods and claims outside their bounds.
/// </summary>
internal sealed class LimitRangeAdmission : IAdmissionPlugin
{
    private const string Annotation = "kubernetes.io/limit-ranger";

    public void Admit(AdmissionContext context)
    {
        if (context is not { Operation: AdmissionOperation.Create, Subresource: null, Object: { } pod }
            || context.Resource != KnownResources.Pods)
        {
            return;
        }

        foreach (var range in Ranges(context))
        {
            Default(pod, range);
        }
    }

    public void Validate(AdmissionContext context)
    {
        if (context is not { Subresource: null, Object: { } content }
            || context.Old?.IsTerminating() == true)
        {
            return;
        }

        var isPod = context.Resource == KnownResources.Pods && context.Operation == AdmissionOperation.Create;
        if (!isPod && context.Resource != KnownResources.PersistentVolumeClaims)
        {
            return;
        }

        foreach (var range in Ranges(context))
        {
            var problems = range.Items("spec", "limits")
                .SelectMany(limit => isPod ? OfPod(limit, content) : OfClaim(limit, content))
                .ToList();
            if (problems.Count > 0)
            {
                throw Refusal.Forbidden(
                    context, problems.Count == 1 ? problems[0] : $"[{string.Join(", ", problems)}]");
            }
        }
    }

    private static IEnumerable<JsonObject> Ranges(AdmissionContext context) => context.Namespace is { } ns
        ? context.Registry.List(KnownResources.LimitRanges, ns).Select(range => range.Content)
        : [];

    private static void Default(JsonObject pod, JsonObject range)
    {
        var (requests, limits) = (new JsonObject(), new JsonObject());
        foreach (var limit in range.Items("spec", "limits").Where(limit => limit.Text("type") == "Container"))
        {
            Copy(limit.Map("defaultRequest"), requests);
            Copy(limit.Map("default"), limits);
        }

        var set = new List<string>();
        foreach (var (list, kind) in new[] { ("containers", "container"), ("initContainers", "init container") })
        {
            foreach (var container in pod.Items("spec", list))
            {
                Default(container, requests, "requests", $"request for {kind}", set);
                Default(container, limits, "limits", $"limit for {kind}", set);
            }
        }

        if (set.Count > 0)
        {
            pod.Ensure("metadata").Ensure("annotations")[Annotation] =
                $"LimitRanger plugin set: {string.Join("; ", set)}";
        }
    }

    private static void Copy(JsonObject? from, JsonObject to)
    {
        foreach (var (name, value) in from ?? [])
        {
            to[name] = value?.DeepClone();
        }
    }

    private static void Default(JsonObject container, JsonObject defaults, string side, string what, List<string> set)
    {
        var missing = defaults.Where(pair => !container.Has("resources", side, pair.Key)).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var amounts = container.Ensure("resources").Ensure(side);
        foreach (var (name, value) in missing)
        {
            amounts[name] = value?.DeepClone();
        }

        var names = string.Join(", ", missing.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        set.Add($"{names} {what} {container.Text("name")}");
    }

    private static IEnumerable<string> OfPod(JsonObject limit, JsonObject pod) => limit.Text("type") switch
    {
        "Container" => pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers"))
            .SelectMany(container => Problems(
                limit,
                "Container",
                Amounts.Read(container.Map("resources", "requests")),
                Amounts.Read(container.Map("resources", "limits")))),
        "Pod" => Problems(
            limit,
            "Pod",
            PodResources.Total(pod.Map("spec"), "requests"),
            PodResources.Total(pod.Map("spec"), "limits")),
        _ => [],
    };

    private static IEnumerable<string> OfClaim(JsonObject limit, JsonObject claim)
    {
        const string type = "PersistentVolumeClaim";
        if (limit.Text("type") != type)
        {
            yield break;
        }

        var requests = Amounts.Read(claim.Map("spec", "resources", "requests"));
        foreach (var problem in Amounts.Read(limit.Map("min"))
            .Select(bound => BelowMinimum(type, bound.Key, bound.Value, requests, [])).OfType<string>())
        {
            yield return problem;
        }

        foreach (var (name, most) in Amounts.Read(limit.Map("max")))
        {
            if (!requests.TryGetValue(name, out var request))
            {
                yield return $"maximum {name} usage per {type} is {most}.  No request is specified";
            }
            else if (request.CompareTo(most) > 0)
            {
                yield return $"maximum {name} usage per {type} is {most}, but request is {request}";
            }
        }
    }

    private static IEnumerable<string> Problems(JsonObject limit, string type, Amounts requests, Amounts limits) =>
        Amounts.Read(limit.Map("min")).Select(bound => BelowMinimum(type, bound.Key, bound.Value, requests, limits))
            .Concat(Amounts.Read(limit.Map("max"))
                .Select(bound => AboveMaximum(type, bound.Key, bound.Value, requests, limits)))
            .Concat(Amounts.Read(limit.Map("maxLimitRequestRatio"))
                .Select(bound => BeyondRatio(type, bound.Key, bound.Value, requests, limits)))
            .OfType<string>();

    private static string? BelowMinimum(
        string type, string name, Quantity least, Amounts requests, Amounts limits)
    {
        var bound = $"minimum {name} usage per {type} is {least}";
        return !requests.TryGetValue(name, out var request) ? $"{bound}.  No request is specified"
            : request.CompareTo(least) < 0 ? $"{bound}, but request is {request}"
            : limits.TryGetValue(name, out var limit) && limit.CompareTo(least) < 0 ? $"{bound}, but limit is {limit}"
            : null;
    }

    private static string? AboveMaximum(
        string type, string name, Quantity most, Amounts requests, Amounts limits)
    {
        var bound = $"maximum {name} usage per {type} is {most}";
        return !limits.TryGetValue(name, out var limit) ? $"{bound}.  No limit is specified"
            : limit.CompareTo(most) > 0 ? $"{bound}, but limit is {limit}"
            : requests.TryGetValue(name, out var request) && request.CompareTo(most) > 0
                ? $"{bound}, but request is {request}"
                : null;
    }

    private static string? BeyondRatio(
        string type, string name, Quantity most, Amounts requests, Amounts limits)
    {
        var bound = $"{name} max limit to request ratio per {type} is {most}";
        if (!requests.TryGetValue(name, out var request) || request.Nanos.IsZero)
        {
            return $"{bound}, but no request is specified or request is 0";
        }

        if (!limits.TryGetValue(name, out var limit) || limit.Nanos.IsZero)
        {
            return $"{bound}, but no limit is specified or limit is 0";
        }

        var ratio = limit.ApproximateFloat / request.ApproximateFloat;
        return ratio <= most.ApproximateFloat
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{bound}, but provided ratio is {ratio:F6}");
    }
}
