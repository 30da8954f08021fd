using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Pods and pod templates.</summary>
internal static class PodDefaults
{
    public static void Pod(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        spec.Default("enableServiceLinks", true);
        Spec(spec);

        // For pods, not templates: a limit without a request also becomes the request.
        foreach (var container in Containers(spec))
        {
            RequestsFollowLimits(container);
        }

        if (spec.Flag("hostNetwork") == true)
        {
            foreach (var port in Containers(spec).SelectMany(container => container.Items("ports")))
            {
                port.Default("hostPort", port.Number("containerPort") ?? 0);
            }
        }
    }

    public static void Template(JsonObject template)
    {
        template.Ensure("metadata");
        Spec(template.Ensure("spec"));
    }

    public static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        spec.Items("initContainers").Concat(spec.Items("containers")).Concat(spec.Items("ephemeralContainers"));

    private static void Spec(JsonObject spec)
    {
        foreach (var volume in spec.Items("volumes"))
        {
            VolumeDefaults.Volume(volume);
        }

        foreach (var container in Containers(spec))
        {
            ContainerDefaults.Container(container);
        }

        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        if (spec.Number("terminationGracePeriodSeconds") < 0)
        {
            spec["terminationGracePeriodSeconds"] = 1;
        }

        spec.Default("dnsPolicy", "ClusterFirst");
        Account(spec);
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        DropEmpty(spec, "initContainers", "volumes", "nodeSelector", "tolerations", "imagePullSecrets", "hostAliases");
    }

    // serviceAccount is the deprecated name of the field; both always have the same value.
    private static void Account(JsonObject spec)
    {
        var account = spec.Text("serviceAccountName") is { Length: > 0 } name ? name : spec.Text("serviceAccount");
        if (account is { Length: > 0 })
        {
            spec["serviceAccountName"] = account;
            spec["serviceAccount"] = account;
        }
    }

    private static void RequestsFollowLimits(JsonObject container)
    {
        var resources = container.Ensure("resources");
        if (resources.Map("limits") is not { Count: > 0 } limits)
        {
            return;
        }

        var requests = resources.Ensure("requests");
        foreach (var (name, limit) in limits)
        {
            if (limit is not null)
            {
                requests.Default(name, limit.DeepClone());
            }
        }
    }

    private static void DropEmpty(JsonObject target, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (target[key] is JsonArray { Count: 0 } or JsonObject { Count: 0 })
            {
                target.Remove(key);
            }
        }
    }
}

/// <summary>Containers with their ports, probes, hooks and resources.</summary>
internal static class ContainerDefaults
{
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];
    private static readonly string[] OptionalLists = ["command", "args", "ports", "env", "envFrom", "volumeMounts"];

    public static void Container(JsonObject container)
    {
        foreach (var port in container.Items("ports"))
        {
            port.Default("protocol", "TCP");
        }

        foreach (var reference in container.Items("env").Select(variable => variable.Map("valueFrom", "fieldRef")))
        {
            reference?.Default("apiVersion", "v1");
        }

        Resources(container.Ensure("resources"));
        foreach (var probe in Probes.Select(name => container.Map(name)).OfType<JsonObject>())
        {
            Probe(probe);
        }

        Handler(container.Map("lifecycle", "preStop"));
        Handler(container.Map("lifecycle", "postStart"));
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("imagePullPolicy", PullPolicy(container.Text("image") ?? ""));
        if (container.Text("workingDir") == "")
        {
            container.Remove("workingDir");
        }

        foreach (var list in OptionalLists)
        {
            if (container[list] is JsonArray { Count: 0 })
            {
                container.Remove(list);
            }
        }
    }

    /// <summary>Normalizes quantities to canonical form: <c>0.5</c> is stored as <c>500m</c>.</summary>
    public static void Resources(JsonObject resources)
    {
        Amounts(resources.Map("limits"));
        Amounts(resources.Map("requests"));
    }

    public static void Amounts(JsonObject? amounts)
    {
        foreach (var (name, amount) in amounts?.ToList() ?? [])
        {
            var text = amount.Text() ?? (amount is JsonValue ? amount.ToJsonString() : null);
            if (Quantity.TryParse(text, out var quantity) && (amount.Text() is null || quantity.ToString() != text))
            {
                amounts![name] = quantity.ToString();
            }
        }
    }

    private static void Probe(JsonObject probe)
    {
        Handler(probe);
        probe.Map("grpc")?.Default("service", "");
        Positive(probe, "timeoutSeconds", 1);
        Positive(probe, "periodSeconds", 10);
        Positive(probe, "successThreshold", 1);
        Positive(probe, "failureThreshold", 3);
        if (probe.Number("initialDelaySeconds") == 0)
        {
            probe.Remove("initialDelaySeconds");
        }
    }

    // In the real types these are non-pointer numbers, so zero and absent are the same.
    private static void Positive(JsonObject probe, string field, int value)
    {
        if (probe.Number(field) is null or 0)
        {
            probe[field] = value;
        }
    }

    private static void Handler(JsonObject? handler)
    {
        if (handler.Map("httpGet") is { } get)
        {
            if (string.IsNullOrEmpty(get.Text("path")))
            {
                get["path"] = "/";
            }

            get.Default("scheme", "HTTP");
        }
    }

    private static string PullPolicy(string image)
    {
        var isPinned = image.Contains('@', StringComparison.Ordinal);
        var tag = image[(image.LastIndexOf('/') + 1)..].Split(':') is [_, var named] ? named : "latest";
        return !isPinned && tag == "latest" ? "Always" : "IfNotPresent";
    }
}

/// <summary>The volumes of pods.</summary>
internal static class VolumeDefaults
{
    private const int FileMode = 420;
    private static readonly string[] WithFileMode = ["secret", "configMap", "downwardAPI", "projected"];

    public static void Volume(JsonObject volume)
    {
        if (volume.All(field => field.Key == "name" || field.Value is null))
        {
            volume["emptyDir"] = new JsonObject();
        }

        foreach (var source in WithFileMode.Select(name => volume.Map(name)))
        {
            source?.Default("defaultMode", FileMode);
        }

        volume.Map("hostPath")?.Default("type", "");
        FieldReferences(volume.Map("downwardAPI"));
        foreach (var source in volume.Items("projected", "sources"))
        {
            source.Map("serviceAccountToken")?.Default("expirationSeconds", 3600);
            FieldReferences(source.Map("downwardAPI"));
        }

        Ephemeral(volume.Map("ephemeral", "volumeClaimTemplate", "spec"));
    }

    private static void FieldReferences(JsonObject? downwardApi)
    {
        foreach (var item in downwardApi.Items("items"))
        {
            item.Map("fieldRef")?.Default("apiVersion", "v1");
        }
    }

    private static void Ephemeral(JsonObject? claim) => claim?.Default("volumeMode", "Filesystem");
}
