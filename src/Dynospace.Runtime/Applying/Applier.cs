// Applying: brings objects to what is desired by server-side apply, and writes only what differs.

using System.Text.Json.Nodes;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Applying;


/// <summary>
/// Brings the cluster to its desired state with as few writes as possible: none if it is there already.
/// </summary>
public interface IApplier
{
    /// <summary>
    /// Applies the desired objects stage by stage. Failures are in the report, not thrown: only cancellation is. A
    /// stage that fails withholds the later ones.
    /// </summary>
    Task<ApplyReport> ApplyAsync(ApplySet set, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a status unless the live one already says the same. A failure is in the report, not thrown; a target that
    /// is gone is not a failure.
    /// </summary>
    Task<StatusReport> ApplyStatusAsync(StatusUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes exactly this object, by uid; null when it is deleted or being deleted.</summary>
    Task<ApplyFailure?> DeleteAsync(LiveObject live, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes exactly the object with this uid; null when it is gone or another object has taken its name.
    /// </summary>
    /// <param name="gracePeriod">
    /// How long its processes may take to end; null for the object's own grace period.
    /// </param>
    Task<ApplyFailure?> DeleteAsync(
        ObjectReference reference, string? uid, TimeSpan? gracePeriod, CancellationToken cancellationToken);

    /// <summary>Adds or removes a finalizer; null when nothing has to change or the object is gone.</summary>
    Task<ApplyFailure?> SetFinalizerAsync(
        LiveObject live, string finalizer, bool present, CancellationToken cancellationToken);
}

/// <summary>How an applier marks objects and writes them.</summary>
public sealed record ApplierOptions
{
    /// <summary>The field manager of objects; that of statuses is the same with <c>-status</c>.</summary>
    public required string FieldManager { get; init; }

    /// <summary>The annotation that holds the hash of what was applied, so that a removed field is noticed.</summary>
    public required string HashAnnotation { get; init; }

    /// <summary>The label that holds the owner's uid, also where an owner reference cannot be.</summary>
    public required string OwnerUidLabel { get; init; }

    /// <summary>How many objects of one stage are written at once.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>
    /// Lists of custom resources that are maps, with their keys: <c>("App", "spec.processes")</c> to <c>["type"]</c>.
    /// Built-in kinds are known.
    /// </summary>
    public IReadOnlyDictionary<(string Kind, string Path), string[]> ListMaps { get; init; } =
        new Dictionary<(string Kind, string Path), string[]>();
}

/// <summary>An applier over a transport: server-side apply, forced, and only where something differs.</summary>
public sealed class Applier(
    IApiTransport transport, ApplierOptions options, ILogger<Applier> logger, TimeProvider? clock = null) : IApplier
{
    private readonly ObjectApplier _objects = new(transport, options, logger, clock ?? TimeProvider.System);

    /// <inheritdoc/>
    public async Task<ApplyReport> ApplyAsync(ApplySet set, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(set);
        var live = new Dictionary<ObjectReference, LiveObject>(set.Observed.Count);
        foreach (var observed in set.Observed)
        {
            live[observed.Reference] = observed;
        }

        var outcomes = new List<ObjectOutcome>(set.Desired.Count);
        var stages = set.Desired.GroupBy(d => d.Stage).OrderBy(s => s.Key).ToList();
        var isWithheld = false;
        foreach (var stage in stages)
        {
            var results = isWithheld
                ? [.. stage.Select(d => new ObjectOutcome(new ObjectReference(d.Kind, d.Key)) { IsWithheld = true })]
                : await ApplyStageAsync([.. stage], live, set.Owner, cancellationToken);
            outcomes.AddRange(results);
            isWithheld |= stage != stages[^1] && results.Any(o => !o.IsComplete);
        }

        return ObjectOutcome.Report(outcomes);
    }

    /// <inheritdoc/>
    public async Task<StatusReport> ApplyStatusAsync(StatusUpdate update, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (!update.IsChange)
        {
            return StatusReport.Unchanged;
        }

        var target = update.Target;
        try
        {
            await transport.ApplyAsync(
                target.Kind,
                target.Key,
                StatusContent(target, ObjectPreparation.WithoutNulls(update.Status)),
                new WriteQuery
                {
                    FieldManager = $"{options.FieldManager}-status",
                    Force = true,
                    Subresource = "status",
                },
                cancellationToken);
            return StatusReport.Written;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return StatusReport.Unchanged;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return StatusReport.Failed(FailureClassifier.Describe(new ObjectReference(target.Kind, target.Key), e));
        }
    }

    /// <inheritdoc/>
    public Task<ApplyFailure?> DeleteAsync(LiveObject live, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(live);
        return live.IsTerminating
            ? Task.FromResult<ApplyFailure?>(null)
            : DeleteAsync(live.Reference, live.Uid, null, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ApplyFailure?> DeleteAsync(
        ObjectReference reference, string? uid, TimeSpan? gracePeriod, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var query = new DeleteQuery { Uid = uid, GracePeriod = gracePeriod };
        return TryAsync(
            reference,
            () => transport.DeleteAsync(reference.Kind, reference.Key, query, cancellationToken),
            // A conflict means that the uid does not match: another object has taken the name.
            e => e.IsNotFound || e.Code == System.Net.HttpStatusCode.Conflict,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ApplyFailure?> SetFinalizerAsync(
        LiveObject live, string finalizer, bool present, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(live);
        if (live.Finalizers.Contains(finalizer) == present)
        {
            return Task.FromResult<ApplyFailure?>(null);
        }

        var finalizers = present ? live.Finalizers.Append(finalizer) : live.Finalizers.Where(f => f != finalizer);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                // A merge patch replaces the whole list, so it must only be applied to the version that the list was
                // read from.
                ["resourceVersion"] = live.ResourceVersion,
                ["uid"] = live.Uid,
                ["finalizers"] = new JsonArray([.. finalizers.Select(f => JsonValue.Create(f))]),
            },
        };
        return TryAsync(
            live.Reference,
            () => transport.PatchAsync(
                live.Kind,
                live.Key,
                PatchFormat.Merge,
                patch,
                new WriteQuery { FieldManager = options.FieldManager },
                cancellationToken),
            e => e.IsNotFound,
            cancellationToken);
    }

    private static JsonObject StatusContent(OwnerIdentity target, JsonObject status)
    {
        var metadata = new JsonObject { ["name"] = target.Key.Name, ["uid"] = target.Uid };
        if (target.Key.Namespace is not null)
        {
            metadata["namespace"] = target.Key.Namespace;
        }

        return new JsonObject
        {
            ["apiVersion"] = target.Kind.ApiVersion,
            ["kind"] = target.Kind.Kind,
            ["metadata"] = metadata,
            ["status"] = status,
        };
    }

    private async Task<ObjectOutcome[]> ApplyStageAsync(
        DesiredObject[] stage, Dictionary<ObjectReference, LiveObject> live, OwnerIdentity owner,
        CancellationToken cancellationToken)
    {
        var outcomes = new ObjectOutcome[stage.Length];
        await Parallel.ForAsync(0, stage.Length, Bounded(cancellationToken), async (i, token) =>
        {
            var known = live.GetValueOrDefault(new ObjectReference(stage[i].Kind, stage[i].Key));
            outcomes[i] = await _objects.ApplyAsync(stage[i], known, owner, token);
        });
        return outcomes;
    }

    private ParallelOptions Bounded(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken };

    private static async Task<ApplyFailure?> TryAsync(
        ObjectReference reference, Func<Task> request, Func<ApiException, bool> isFine,
        CancellationToken cancellationToken)
    {
        try
        {
            await request();
            return null;
        }
        catch (ApiException e) when (isFine(e))
        {
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return FailureClassifier.Describe(reference, e);
        }
    }
}

/// <summary>Deletions of several objects.</summary>
public static class ApplierDeletions
{
    /// <summary>
    /// Deletes exactly these objects, one after the other, continues when one fails, and returns the failures.
    /// </summary>
    public static async Task<List<ApplyFailure>> DeleteAllAsync(
        this IApplier applier, IEnumerable<LiveObject> objects, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(applier);
        ArgumentNullException.ThrowIfNull(objects);
        var failures = new List<ApplyFailure>();
        foreach (var live in objects)
        {
            if (await applier.DeleteAsync(live, cancellationToken) is { } failure)
            {
                failures.Add(failure);
            }
        }

        return failures;
    }
}
