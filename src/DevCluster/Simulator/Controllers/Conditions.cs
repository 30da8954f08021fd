using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Controllers;

/// <summary>Lists of conditions, in which the time of transition moves only when the status does.</summary>
internal static class Conditions
{
    public static JsonObject? Find(JsonNode? status, string type) =>
        status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == type);

    public static bool IsTrue(JsonNode? status, string type) => Find(status, type).Text("status") == "True";

    /// <summary>Sets a condition; false if it was like that already.</summary>
    public static bool Set(JsonObject status, JsonObject condition, DateTimeOffset now)
    {
        var list = status.EnsureList("conditions");
        var type = condition.Text("type");
        var old = Find(status, type!);
        if (old is not null
            && Same(old, condition, "status")
            && Same(old, condition, "reason")
            && Same(old, condition, "message"))
        {
            return false;
        }

        condition["lastTransitionTime"] = old is not null && Same(old, condition, "status")
            ? old["lastTransitionTime"]?.DeepClone() ?? Timestamps.Of(now)
            : Timestamps.Of(now);
        if (old is null)
        {
            list.Add(condition);
        }
        else
        {
            list[list.IndexOf(old)] = condition;
        }

        return true;
    }

    public static JsonObject Make(string type, bool isTrue, string? reason = null, string? message = null)
    {
        var condition = new JsonObject { ["type"] = type, ["status"] = isTrue ? "True" : "False" };
        if (reason is not null)
        {
            condition["reason"] = reason;
        }

        if (message is not null)
        {
            condition["message"] = message;
        }

        return condition;
    }

    private static bool Same(JsonObject left, JsonObject right, string field) => left.Text(field) == right.Text(field);
}
