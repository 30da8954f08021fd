using System.Text.Json.Nodes;
using DevCluster.ApiServer.Validation;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission.Quotas;

/// <summary>Pure: the usage of an object under a ResourceQuota, and the quotas that count it.</summary>
internal static class QuotaUsage
{
    private const string ClassSuffix = ".storageclass.storage.k8s.io/";

    private static readonly string[] Compute = ["cpu", "memory", "ephemeral-storage"];
    private static readonly string[] OfClaims = ["persistentvolumeclaims", "requests.storage"];
    private static readonly Quantity One = Quantity.FromInteger(1);

    /// <summary>The resources of a quota to which objects of a kind count.</summary>
    public static IReadOnlyList<string> Matching(ResourceId resource, IEnumerable<string> names) =>
        [.. names.Where(name => name == Count(resource) || IsUsedBy(resource, name))];

    /// <summary>Whether a quota with these scopes counts the object.</summary>
    public static bool IsInScope(JsonObject quota, ResourceId resource, JsonObject content)
    {
        var scopes = quota.Texts("spec", "scopes")
            .Select(scope => new JsonObject { ["scopeName"] = scope, ["operator"] = "Exists" })
            .Concat(quota.Items("spec", "scopeSelector", "matchExpressions"));
        return scopes.All(scope => resource == KnownResources.Pods && IsInScope(scope, content));
    }

    public static Amounts FromObject(ResourceId resource, JsonObject content, DateTimeOffset now)
    {
        var usage = new Amounts { [Count(resource)] = One };
        if (resource == KnownResources.Pods)
        {
            AddPod(usage, content, now);
        }
        else if (resource == KnownResources.Services)
        {
            AddService(usage, content);
        }
        else if (resource == KnownResources.PersistentVolumeClaims)
        {
            AddClaim(usage, content);
        }
        else if (IsUsedBy(resource, resource.Plural))
        {
            usage[resource.Plural] = One;
        }

        return usage;
    }

    private static string Count(ResourceId resource) => $"count/{resource}";

    private static bool IsUsedBy(ResourceId resource, string name) => (resource.Group, resource.Plural) switch
    {
        ("", "pods") => name == "pods" || Compute.Contains(ResourceNames.WithoutSide(name)) || IsExtended(name),
        ("", "services") => name is "services" or "services.nodeports" or "services.loadbalancers",
        ("", "persistentvolumeclaims") => OfClaims.Contains(name)
            || OfClaims.Any(own => name.EndsWith(ClassSuffix + own, StringComparison.Ordinal)),
        ("", "configmaps" or "resourcequotas" or "replicationcontrollers" or "secrets") => name == resource.Plural,
        _ => false,
    };

    private static bool IsExtended(string name) =>
        name.StartsWith("requests.", StringComparison.Ordinal)
        && (name.Contains('/', StringComparison.Ordinal)
            || name.StartsWith("requests.hugepages-", StringComparison.Ordinal))
        && !name.Contains(ClassSuffix, StringComparison.Ordinal);

    private static void AddPod(Amounts usage, JsonObject pod, DateTimeOffset now)
    {
        if (HasEnded(pod, now))
        {
            return;
        }

        usage["pods"] = One;
        foreach (var (name, quantity) in PodResources.Total(pod.Map("spec"), "requests"))
        {
            if (Compute.Contains(name))
            {
                usage[name] = quantity;
            }

            usage[$"requests.{name}"] = quantity;
        }

        foreach (var (name, quantity) in PodResources.Total(pod.Map("spec"), "limits"))
        {
            if (Compute.Contains(name))
            {
                usage[$"limits.{name}"] = quantity;
            }
        }
    }

    /// <summary>Whether a pod has finished or is past its deletion deadline, and so no longer counts.</summary>
    private static bool HasEnded(JsonObject pod, DateTimeOffset now) =>
        pod.Text("status", "phase") is "Succeeded" or "Failed"
        || (pod.Read("metadata", "deletionTimestamp") is { } deleted
            && pod.Number("metadata", "deletionGracePeriodSeconds") is not null
            && now > deleted);

    private static void AddService(Amounts usage, JsonObject service)
    {
        var ports = service.Items("spec", "ports");
        var type = service.Text("spec", "type");
        var nodePorts = type switch
        {
            "LoadBalancer" when service.Flag("spec", "allocateLoadBalancerNodePorts") == false =>
                ports.Count(port => port.Number("nodePort") is > 0),
            "NodePort" or "LoadBalancer" => ports.Count,
            _ => 0,
        };
        usage["services"] = One;
        usage["services.nodeports"] = Quantity.FromInteger(nodePorts);
        usage["services.loadbalancers"] = Quantity.FromInteger(type == "LoadBalancer" ? 1 : 0);
    }

    private static void AddClaim(Amounts usage, JsonObject claim)
    {
        var own = new Amounts { ["persistentvolumeclaims"] = One };
        if (Amounts.Read(claim.Map("spec", "resources", "requests")).TryGetValue("storage", out var storage))
        {
            own["requests.storage"] = storage;
        }

        foreach (var (name, quantity) in own)
        {
            usage[name] = quantity;
            if (claim.Text("spec", "storageClassName") is { Length: > 0 } storageClass)
            {
                usage[storageClass + ClassSuffix + name] = quantity;
            }
        }
    }

    private static bool IsInScope(JsonObject scope, JsonObject pod) => scope.Text("scopeName") switch
    {
        "Terminating" => IsTerminating(pod),
        "NotTerminating" => !IsTerminating(pod),
        "BestEffort" => IsBestEffort(pod),
        "NotBestEffort" => !IsBestEffort(pod),
        "PriorityClass" => IsOfClass(scope, pod.Text("spec", "priorityClassName") ?? ""),
        _ => false,
    };

    private static bool IsTerminating(JsonObject pod) => pod.Number("spec", "activeDeadlineSeconds") is >= 0;

    private static bool IsBestEffort(JsonObject pod) => PodQualityOfService.Classify(pod.Map("spec")) == "BestEffort";

    private static bool IsOfClass(JsonObject scope, string priority) => scope.Text("operator") switch
    {
        "In" => scope.Texts("values").Contains(priority),
        "NotIn" => !scope.Texts("values").Contains(priority),
        "DoesNotExist" => priority.Length == 0,
        _ => priority.Length > 0,
    };
}
