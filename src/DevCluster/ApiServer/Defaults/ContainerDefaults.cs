using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

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

    /// <summary>Amounts in canonical form: what was written <c>0.5</c> is stored <c>500m</c>.</summary>
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

    // In the real types these are plain numbers, so that zero and absent are the same.
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
