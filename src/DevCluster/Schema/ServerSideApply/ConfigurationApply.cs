// ServerSideApply: server-side apply: field ownership, merging, conflicts and pruning.

using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Patching;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>One server-side apply, from the configuration to the merged object.</summary>
internal static class ConfigurationApply
{
    private const string BeforeFirstApply = "before-first-apply";

    public static JsonObject Apply(JsonObject? live, JsonObject applied, bool force, WriteContext write)
    {
        var fields = Check(applied, write.Schema);
        var configuration = OwnershipScope.Effective(applied, write.Subresource, write.HasStatus);
        if (configuration.Count != applied.Count)
        {
            fields = AppliedFields.FromConfiguration(configuration, write.Schema).Fields;
        }

        var current = live ?? [];
        var managed = Owners(live, write);
        var applier = write.Entry(isApply: true, (string?)applied["apiVersion"], fields);
        var last = managed.Find(applier);

        // Fields without an owner count as owned until the end, so that metadata is not pruned with its last label.
        managed.Set(applier);
        var merged = ObjectMerger.Merge(current, configuration, write.Schema);
        if (last is not null && !last.Fields.IsSubsetOf(applier.Fields))
        {
            merged = Pruner.Prune(merged, last.Fields, OwnedByAll(managed), write.Schema);
        }

        var difference = JsonNode.DeepEquals(current, merged)
            ? Comparison.None
            : ObjectComparer.Compare(current, merged, write.Schema);
        if (!force)
        {
            RefuseConflicts(managed, applier, difference, current, write.Schema);
        }

        managed.TakeFromOthers(difference.Changed, applier);
        managed.TakeFromOthers(difference.Removed, applier);

        // An apply that changes nothing must not change the time either, or every apply would be a write.
        EmptyMetadata.Remove(merged);
        var isSame = ReferenceEquals(difference, Comparison.None) || JsonNode.DeepEquals(current, merged);
        managed.Set(
            applier with
            {
                Fields = fields.Except(OwnershipScope.NeverOwned),
                Time = isSame ? last?.Time : applier.Time,
            });

        if (applier.Manager == LastAppliedConfiguration.Manager)
        {
            LastAppliedConfiguration.Refresh(merged, applied);
        }

        managed.WriteTo(merged);
        return merged;
    }

    private static FieldSet Check(JsonObject applied, TypeSchema schema)
    {
        if (applied["metadata"]?["managedFields"] is not null)
        {
            throw PatchErrors.BadRequest("metadata.managedFields must be nil");
        }

        var fields = AppliedFields.FromConfiguration(applied, schema);
        if (fields.Problems is { Count: > 0 } problems)
        {
            var text = problems is [var only] ? only : $"errors:\n{string.Join('\n', problems.Select(p => "  " + p))}";
            throw new ApiStatusException(500, "", $"failed to create typed patch object ({Describe(applied)}): {text}");
        }

        return fields.Fields;
    }

    private static string Describe(JsonObject obj)
    {
        var metadata = obj["metadata"];
        var version = (string?)obj["apiVersion"] ?? "";
        var groupVersion = version.Contains('/', StringComparison.Ordinal) ? version : "/" + version;
        return $"{(string?)metadata?["namespace"]}/{(string?)metadata?["name"]}; {groupVersion}, "
            + $"Kind={(string?)obj["kind"]}";
    }

    /// <summary>
    /// The current owners. The fields of an object that was never tracked belong to a synthetic manager.
    /// </summary>
    private static ManagedFields Owners(JsonObject? live, WriteContext write)
    {
        if (live is null)
        {
            return new();
        }

        if (!ManagedFields.TryRead(live["metadata"]?["managedFields"], out var managed))
        {
            throw new ApiStatusException(
                500, "", "failed to decode managed fields: an entry lacks its operation, apiVersion or fieldsType");
        }

        if (managed.IsEmpty)
        {
            UpdateTracking.TakeChanges(managed, [], live, write with { Manager = BeforeFirstApply });
        }

        return managed;
    }

    private static FieldSet OwnedByAll(ManagedFields managed) =>
        managed.Entries.Aggregate(new FieldSet(0), (all, entry) => all.Union(entry.Fields));

    private static void RefuseConflicts(
        ManagedFields managed, ManagerEntry applier, Comparison difference, JsonObject live, TypeSchema schema)
    {
        List<ApplyConflict> conflicts =
        [
            .. from owner in managed.Entries
               where owner.Identity != applier.Identity
               orderby owner.Display
               from path in owner.Fields.Intersect(difference.Changed).Paths()
               select new ApplyConflict(owner, path),
        ];
        if (conflicts.Count > 0
            && applier.Manager == LastAppliedConfiguration.Manager
            && LastAppliedConfiguration.UnchangedFields(live, schema) is { } allowed)
        {
            conflicts.RemoveAll(c => allowed.Contains(c.Path));
        }

        if (conflicts.Count > 0)
        {
            throw ApplyConflict.Refusal(conflicts);
        }
    }
}

/// <summary>A field that an applier wants to change although another manager owns it.</summary>
internal sealed record ApplyConflict(ManagerEntry Owner, PathElement[] Path)
{
    private string Field => string.Concat(Path.Select(e => e.ToString()));

    /// <summary>The API's conflict error.</summary>
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

/// <summary>The data shared by all steps of one write.</summary>
/// <param name="HasStatus">Whether there is a status subresource.</param>
internal sealed record WriteContext(
    TypeSchema Schema, string Manager, string? Subresource, bool HasStatus, DateTimeOffset Now)
{
    private const string UnknownManager = "unknown";

    /// <summary>The managedFields entry of this write for these fields.</summary>
    public ManagerEntry Entry(bool isApply, string? apiVersion, FieldSet fields) => new(
        Manager.Length == 0 ? UnknownManager : Manager,
        isApply,
        apiVersion ?? "",
        Subresource ?? "",
        Timestamps.Format(Now),
        fields);
}

/// <summary>
/// Metadata has no empty lists and maps: decoding drops them, so an empty one must not count as a change.
/// </summary>
internal static class EmptyMetadata
{
    private static readonly string[] Containers = ["labels", "annotations", "finalizers", "ownerReferences"];

    public static void Remove(JsonObject obj)
    {
        if (obj["metadata"] is not JsonObject metadata)
        {
            return;
        }

        foreach (var name in Containers)
        {
            if (metadata.TryGetPropertyValue(name, out var value)
                && value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
            {
                metadata.Remove(name);
            }
        }
    }
}
