using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>Lists of conditions. lastTransitionTime changes only with the status.</summary>
internal static class ConditionList
{
    public static JsonObject? Find(JsonNode? status, string type) =>
        status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == type);

    public static bool IsTrue(JsonNode? status, string type) => Find(status, type).Text("status") == "True";

    /// <summary>Sets a condition; false if its status, reason and message are unchanged.</summary>
    public static bool Set(JsonObject status, JsonObject condition, DateTimeOffset now)
    {
        if (Find(status, condition.TextOrEmpty("type")) is { } old
            && Same(old, condition, "status")
            && Same(old, condition, "reason")
            && Same(old, condition, "message"))
        {
            return false;
        }

        Replace(status, condition, now);
        return true;
    }

    /// <summary>Sets a condition with all its fields, and replaces the existing one in place.</summary>
    public static void Replace(JsonObject status, JsonObject condition, DateTimeOffset now)
    {
        var list = status.EnsureList("conditions");
        var old = Find(status, condition.TextOrEmpty("type"));
        condition["lastTransitionTime"] = TransitionTime(old, condition, now);
        if (old is null)
        {
            list.Add(condition);
        }
        else
        {
            list[list.IndexOf(old)] = condition;
        }
    }

    /// <summary>The lastTransitionTime of a condition that replaces another, or none.</summary>
    public static JsonNode TransitionTime(JsonObject? old, JsonObject condition, DateTimeOffset now) =>
        old is not null && Same(old, condition, "status") && old["lastTransitionTime"] is { } time
            ? time.DeepClone()
            : Timestamps.Format(now);

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
