using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Pods, and the templates of what makes pods.</summary>
internal static class PodDefaults
{
    public static void Pod(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        spec.Default("enableServiceLinks", true);
        Spec(spec);

        // Only here, not in templates: with a limit and no request, a running pod requests what it is limited to.
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

    // serviceAccount is the field's older name; both are always shown alike.
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
