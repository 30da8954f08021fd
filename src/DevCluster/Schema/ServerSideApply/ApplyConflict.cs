using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>A field that an applier wants to change although another owns it.</summary>
internal sealed record ApplyConflict(ManagerEntry Owner, PathElement[] Path)
{
    private string Field => string.Concat(Path.Select(e => e.ToString()));

    /// <summary>The API's answer to conflicts, worded as kubectl users know it.</summary>
    public static ApiStatusException Refusal(IReadOnlyList<ApplyConflict> conflicts)
    {
        var causes = conflicts.Select(c => (JsonNode)new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = $"conflict with {c.Owner.Display}",
            ["field"] = c.Field,
        });
        return new(409, "Conflict", Message(conflicts), new JsonObject { ["causes"] = new JsonArray([.. causes]) });
    }

    private static string Message(IReadOnlyList<ApplyConflict> conflicts)
    {
        if (conflicts is [var only])
        {
            return $"Apply failed with 1 conflict: conflict with {only.Owner.Display}: {only.Field}";
        }

        var groups = conflicts.GroupBy(c => c.Owner.Display).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"conflicts with {g.Key}:\n{string.Join('\n', g.Select(c => $"- {c.Field}"))}");
        return $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', groups)}";
    }
}
