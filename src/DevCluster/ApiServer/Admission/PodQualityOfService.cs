using System.Text.Json.Nodes;
using DevCluster.ApiServer.Defaults;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Admission;

/// <summary>The class that tells which pods a node sacrifices first.</summary>
internal static class PodQualityOfService
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Of(JsonObject? spec)
    {
        var isGuaranteed = true;
        var isBestEffort = true;
        foreach (var container in spec is null ? [] : PodDefaults.Containers(spec))
        {
            foreach (var name in Counted)
            {
                var request = Amount(container, "requests", name);
                var limit = Amount(container, "limits", name);
                isBestEffort &= request is null && limit is null;
                isGuaranteed &= limit is not null && request?.CompareTo(limit.Value) == 0;
            }
        }

        return isBestEffort ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable";
    }

    private static Quantity? Amount(JsonObject container, string side, string name) =>
        Quantity.TryParse(container.Text("resources", side, name), out var amount) && !amount.Nanos.IsZero
            ? amount
            : null;
}
