using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// Pure: decides the effect of a delete: remove at once, mark for deletion, or nothing because it is already marked.
/// </summary>
internal static class DeletionRules
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";
    private const long DefaultPodGrace = 30;

    /// <summary>The next state of the object; null if it must be removed now.</summary>
    public static JsonObject? Decide(
        ResourceDefinition definition, JsonObject old, DeletionOptions options, DateTimeOffset now)
    {
        var next = old.DeepClone().AsObject();
        next.SetFinalizers(Finalizers(old, options.Propagation));
        var grace = GracePeriod(definition, old, options);
        if (grace == 0 && IsFree(definition, next))
        {
            return null;
        }

        Mark(definition, next, old, grace, now);
        return next;
    }

    /// <summary>Whether an update removed the last reason to keep a deleted object.</summary>
    public static bool IsFinished(ResourceDefinition definition, JsonObject content) =>
        content.IsTerminating()
        && (content.Metadata().Number("deletionGracePeriodSeconds") ?? 0) == 0
        && IsFree(definition, content);

    private static bool IsFree(ResourceDefinition definition, JsonObject content) =>
        content.Finalizers().Count == 0
        && !(IsNamespace(definition) && content["spec"]?["finalizers"] is JsonArray { Count: > 0 });

    private static List<string> Finalizers(JsonObject old, DeletionPropagation? propagation)
    {
        var finalizers = old.Finalizers().ToList();
        if (propagation is null)
        {
            return finalizers;
        }

        finalizers.RemoveAll(item => item is ForegroundFinalizer or OrphanFinalizer);
        if (propagation is DeletionPropagation.Foreground)
        {
            finalizers.Add(ForegroundFinalizer);
        }
        else if (propagation is DeletionPropagation.Orphan)
        {
            finalizers.Add(OrphanFinalizer);
        }

        return finalizers;
    }

    // Only pods have graceful deletion, and only if they are assigned to a node.
    private static long GracePeriod(ResourceDefinition definition, JsonObject old, DeletionOptions options)
    {
        if (definition.Id is not { Group: "", Plural: "pods" })
        {
            return 0;
        }

        var scheduled = old["spec"] is JsonObject spec && spec.NonEmpty("nodeName") is not null;
        var phase = (old["status"] as JsonObject)?.NonEmpty("phase");
        if (!scheduled || phase is "Succeeded" or "Failed")
        {
            return 0;
        }

        var own = (old["spec"] as JsonObject)?.Number("terminationGracePeriodSeconds") ?? DefaultPodGrace;
        var wanted = Math.Max(0, options.GracePeriodSeconds ?? own);
        var already = old.IsTerminating() ? old.Metadata().Number("deletionGracePeriodSeconds") ?? wanted : wanted;
        return Math.Min(wanted, already);
    }

    private static void Mark(
        ResourceDefinition definition, JsonObject next, JsonObject old, long grace, DateTimeOffset now)
    {
        var metadata = next.Metadata();
        if (old.IsTerminating() && (metadata.Number("deletionGracePeriodSeconds") ?? 0) == grace)
        {
            return;
        }

        metadata["deletionTimestamp"] = Timestamps.Format(now.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (!old.IsTerminating() && metadata.Number("generation") is { } generation)
        {
            metadata["generation"] = generation + 1;
        }

        if (IsNamespace(definition))
        {
            metadata.Remove("deletionGracePeriodSeconds");
            if (next["status"] is not JsonObject status)
            {
                next["status"] = status = [];
            }

            status["phase"] = "Terminating";
        }
    }

    private static bool IsNamespace(ResourceDefinition definition) =>
        definition.Id is { Group: "", Plural: "namespaces" };
}

/// <summary>The supported part of meta/v1 DeleteOptions.</summary>
/// <param name="GracePeriodSeconds">Pods only; null uses the pod's own period, 0 removes at once.</param>
/// <param name="Propagation">Null means the default, Background.</param>
/// <param name="PreconditionUid">Refuses with 409 unless the object has this uid.</param>
/// <param name="PreconditionResourceVersion">Refuses with 409 unless the object is at this version.</param>
/// <param name="DryRun">Returns the result without deleting.</param>
public sealed record DeletionOptions(
    long? GracePeriodSeconds = null,
    DeletionPropagation? Propagation = null,
    string? PreconditionUid = null,
    string? PreconditionResourceVersion = null,
    bool DryRun = false)
{
    /// <inheritdoc cref="WriteOptions.Author"/>
    public UserInfo? Author { get; init; }

    /// <inheritdoc cref="WriteOptions.Requested"/>
    internal ResourceDefinition? Requested { get; init; }

    /// <inheritdoc cref="WriteRequest.OnWarning"/>
    internal Action<string>? OnWarning { get; init; }

    /// <summary>Whether the object is deleted as part of a collection, so the request does not name it.</summary>
    internal bool IsOfCollection { get; init; }
}

/// <summary>The treatment of dependents; null in a request means the default (Background).</summary>
public enum DeletionPropagation
{
    Background,
    Foreground,
    Orphan,
}

/// <summary>The result of a delete.</summary>
/// <param name="Object">The last state.</param>
/// <param name="Gone">False when finalizers or a grace period keep the object for now.</param>
internal sealed record DeletionResult(StoredObject Object, bool Gone);
