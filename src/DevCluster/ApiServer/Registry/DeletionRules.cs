using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// Decides what a delete does: remove at once, mark and wait, or nothing because it is marked already. Pure.
/// </summary>
internal static class DeletionRules
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";
    private const long DefaultPodGrace = 30;

    /// <summary>The object's next state, or null where it is to be removed now.</summary>
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

    /// <summary>True when an update removed the last reason to keep a deleted object.</summary>
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

    // Only pods end gracefully, and only where a kubelet has seen them.
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

/// <summary>The part of meta/v1 DeleteOptions that this server knows.</summary>
/// <param name="GracePeriodSeconds">Pods only; null takes the pod's own, 0 removes at once.</param>
/// <param name="Propagation">Null means the default, Background.</param>
/// <param name="PreconditionUid">Refuse with 409 unless the object has this uid.</param>
/// <param name="PreconditionResourceVersion">Refuse with 409 unless the object is at this version.</param>
/// <param name="DryRun">Answer as if deleted, delete nothing.</param>
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

    /// <summary>True for each object of a collection that is deleted: the request names none of them.</summary>
    internal bool IsOfCollection { get; init; }
}

/// <summary>How to treat dependents; null in a request means the resource's default (Background).</summary>
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
