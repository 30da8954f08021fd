using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// The condition DisruptionAllowed of a PodDisruptionBudget, written by evictions and by the disruption controller.
/// </summary>
internal static class DisruptionAllowed
{
    public const string SyncFailed = "SyncFailed";

    private const string Type = "DisruptionAllowed";

    public static JsonObject? Find(JsonObject? status) => ConditionList.Find(status, Type);

    /// <summary>Sets the condition from <c>disruptionsAllowed</c>.</summary>
    public static void Set(JsonObject status, DateTimeOffset now)
    {
        var isAllowed = status.NumberOrZero("disruptionsAllowed") > 0;
        Set(status, isAllowed, isAllowed ? "SufficientPods" : "InsufficientPods", "", now);
    }

    /// <summary>Records why the budget could not be computed; no disruption is allowed then.</summary>
    public static void SetFailed(JsonObject status, string why, DateTimeOffset now)
    {
        status["disruptionsAllowed"] = 0;
        Set(status, false, SyncFailed, why, now);
    }

    private static void Set(JsonObject status, bool isAllowed, string reason, string message, DateTimeOffset now)
    {
        var condition = ConditionList.Make(Type, isAllowed, reason, message);
        if (status.Number("observedGeneration") is { } generation and > 0)
        {
            condition["observedGeneration"] = generation;
        }

        ConditionList.Replace(status, condition, now);
    }
}
