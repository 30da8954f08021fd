using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Autoscalers and limit ranges, which are stored but not acted on.</summary>
internal static class ScalingDefaults
{
    public static void Autoscaler(JsonObject autoscaler)
    {
        var spec = autoscaler.Ensure("spec");
        spec.Default("minReplicas", 1);
        if (spec.List("metrics") is not { Count: > 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 },
                },
            });
        }
    }

    public static void LimitRange(JsonObject limitRange)
    {
        foreach (var limit in limitRange.Items("spec", "limits").Where(limit => limit.Text("type") == "Container"))
        {
            Inherit(limit, "default", "max");
            Inherit(limit, "defaultRequest", "default");
            Inherit(limit, "defaultRequest", "min");
        }
    }

    private static void Inherit(JsonObject limit, string to, string from)
    {
        foreach (var (name, amount) in limit.Map(from) ?? [])
        {
            if (amount is not null)
            {
                limit.Ensure(to).Default(name, amount.DeepClone());
            }
        }
    }
}
