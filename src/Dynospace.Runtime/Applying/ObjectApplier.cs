using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Applying;

/// <summary>Brings one object to what is desired.</summary>
internal sealed class ObjectApplier(
    IApiTransport transport, ApplierOptions options, ILogger logger, TimeProvider clock)
{
    private const int MostFailures = 10_000;

    private readonly SettledObjects _settled = new();
    private readonly ContestedObjects _contested = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), clock);

    /// <summary>The last failure logged for each object that cannot be applied.</summary>
    private readonly ConcurrentDictionary<ObjectReference, string> _failures = new();

    public async Task<ObjectOutcome> ApplyAsync(
        DesiredObject desired, LiveObject? live, OwnerIdentity owner, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(desired.Kind, desired.Key);
        try
        {
            var outcome = await ActAsync(
                ObjectPreparation.Prepare(desired, owner, options), live, owner, isFresh: false, cancellationToken);
            if (outcome.Failure is { } changed)
            {
                LogOnce(reference, changed, null);
                return Count(outcome);
            }

            _failures.TryRemove(reference, out _);
            if (outcome.Applied is { } applied)
            {
                logger.LogInformation("Applied {Object}: {Cause}", reference, applied.Cause);
            }

            return Count(outcome);
        }
        catch (ApiException e) when (e.IsNamespaceTerminating)
        {
            // Nothing to repair: when the namespace is gone, so is the owner, or the owner is reconciled.
            return Count(new ObjectOutcome(reference) { IsTerminating = true });
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = FailureClassifier.Describe(reference, e);
            LogOnce(reference, failure, FailureClassifier.IsRequestFailure(e) ? null : e);
            return Count(new ObjectOutcome(reference) { Failure = failure });
        }
    }

    /// <summary>A refusal that lasts is retried many times and logged once.</summary>
    private void LogOnce(ObjectReference reference, ApplyFailure failure, Exception? defect)
    {
        var text = $"{failure.Reason}: {failure.Message}";
        var isKnown = _failures.TryGetValue(reference, out var known) && known == text;
        if (_failures.Count >= MostFailures)
        {
            _failures.Clear();
        }

        _failures[reference] = text;
        logger.Log(
            isKnown ? LogLevel.Debug : LogLevel.Warning,
            defect,
            "{Object} was not applied: {Reason}: {Message}",
            reference, failure.Reason, failure.Message);
    }

    private async Task<ObjectOutcome> ActAsync(
        PreparedObject prepared, LiveObject? live, OwnerIdentity owner, bool isFresh,
        CancellationToken cancellationToken)
    {
        var outcome = new ObjectOutcome(prepared.Reference);
        if (live is not null && _settled.IsAsDesired(live, prepared.Hash))
        {
            return outcome;
        }

        var decision = ApplyDecision.Decide(prepared, live, owner, options);
        var altered = decision.Action is ApplyAction.Apply or ApplyAction.Keep && live!.HasContent
            ? ExactSpec.FirstDifference(prepared, live.ReadContent())
            : null;
        if (altered is not null)
        {
            if (_contested.WaitFor(prepared.Reference, prepared.Hash) is not null)
            {
                return Contest(prepared, altered);
            }

            decision = decision.Action == ApplyAction.Apply
                ? decision
                : new ApplyDecision(ApplyAction.Apply, $"{altered} is not as desired");
            return await TryChangeAsync(prepared, live!, decision, owner, isFresh, cancellationToken);
        }

        switch (decision.Action)
        {
            case ApplyAction.Create:
                return await CreateAsync(prepared, owner, isFresh, cancellationToken);
            case ApplyAction.LeaveForeign:
                return outcome with { Foreign = new ForeignObject(prepared.Reference, decision.Cause) };
            case ApplyAction.AwaitEnd:
                return outcome with { IsTerminating = true };
            case ApplyAction.Apply when !_settled.IsFutile(prepared.Reference, prepared.Hash, decision.Difference):
                return await TryChangeAsync(prepared, live!, decision, owner, isFresh, cancellationToken);
            default:
                if (live!.ForeignFields.Count > 0
                    && !_settled.IsFutile(prepared.Reference, prepared.Hash, DifferenceOf(live.ForeignFields)))
                {
                    // The object is not settled during the pause: the fields are removed after it, even if nothing
                    // changes then.
                    return _contested.WaitFor(prepared.Reference, TextOf(live.ForeignFields)) is { } pause
                        ? outcome with { RecheckAfter = pause }
                        : await RemoveForeignAsync(prepared, live, cancellationToken);
                }

                _settled.MarkAsDesired(live, prepared.Hash);
                return outcome;
        }
    }

    /// <summary>Removes the fields that other managers added, which an apply leaves in place.</summary>
    private async Task<ObjectOutcome> RemoveForeignAsync(
        PreparedObject prepared, LiveObject live, CancellationToken cancellationToken)
    {
        var fresh = await TryReadAsync(prepared, cancellationToken);
        if (fresh is null || fresh.Uid != live.Uid || fresh.IsTerminating
            || ForeignFields.Removal(fresh.ForeignFields, fresh.ReadContent(), fresh.ResourceVersion) is not { } patch)
        {
            return new ObjectOutcome(prepared.Reference);
        }

        var answer = await transport.PatchAsync(
            prepared.Desired.Kind,
            prepared.Desired.Key,
            PatchFormat.Json,
            patch,
            new WriteQuery { FieldManager = options.FieldManager },
            cancellationToken);
        if (answer["metadata"]?["resourceVersion"]?.GetValue<string>() == fresh.ResourceVersion)
        {
            // These are the server's own defaults, which a restore from a backup wrote under its own name.
            _settled.MarkFutile(prepared.Reference, prepared.Hash, DifferenceOf(fresh.ForeignFields));
            return new ObjectOutcome(prepared.Reference);
        }

        _contested.Add(prepared.Reference, TextOf(fresh.ForeignFields));
        return new ObjectOutcome(prepared.Reference)
        {
            Applied = new AppliedObject(
                prepared.Reference,
                live.Uid,
                WasCreated: false,
                $"{TextOf(fresh.ForeignFields)} was added by "
                + string.Join(", ", fresh.ForeignFields.Select(field => field.Manager).Distinct())),
        };
    }

    private static string TextOf(IReadOnlyList<ForeignField> fields) => string.Join(", ", fields);

    private static ContentDifference DifferenceOf(IReadOnlyList<ForeignField> fields) => new(TextOf(fields), 0);

    private async Task<ObjectOutcome> CreateAsync(
        PreparedObject prepared, OwnerIdentity owner, bool isFresh, CancellationToken cancellationToken)
    {
        switch (prepared.Desired.Guard)
        {
            case CreationGuard.ReadFirst when !isFresh && await TryReadAsync(
                prepared, cancellationToken) is { } existing:
                return await ActAsync(prepared, existing, owner, isFresh: true, cancellationToken);
            case CreationGuard.CreateOnly when !isFresh:
                try
                {
                    var created = await transport.CreateAsync(
                        prepared.Desired.Kind,
                        prepared.Content,
                        new WriteQuery { FieldManager = options.FieldManager },
                        cancellationToken);
                    return Written(prepared, created, wasCreated: true, "it did not exist");
                }
                catch (ApiException e) when (e is { Code: HttpStatusCode.Conflict, Reason: "AlreadyExists" })
                {
                    var existing = await TryReadAsync(prepared, cancellationToken);
                    return await ActAsync(prepared, existing, owner, isFresh: true, cancellationToken);
                }

            default:
                return Written(prepared, await SendAsync(
                    prepared, prepared.Content, cancellationToken), wasCreated: true, "it did not exist");
        }
    }

    private async Task<ObjectOutcome> TryChangeAsync(
        PreparedObject prepared, LiveObject live, ApplyDecision decision, OwnerIdentity owner, bool isFresh,
        CancellationToken cancellationToken)
    {
        try
        {
            return await ChangeAsync(prepared, live, decision, cancellationToken);
        }
        catch (ApiException e) when (!isFresh
            && e.Code is (HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity))
        {
            // The server reports a uid that does not match as a conflict or as an invalid change; only a read shows
            // whether that was the cause.
            if (await TryReadAsync(prepared, cancellationToken) is { } existing && existing.Uid != live.Uid)
            {
                return await ActAsync(prepared, existing, owner, isFresh: true, cancellationToken);
            }

            if (e.Code == HttpStatusCode.UnprocessableEntity && prepared.Desired.Replacement is { } replacement)
            {
                return await ReplaceAsync(prepared.Desired, replacement, live, owner, cancellationToken);
            }

            throw;
        }
    }

    private async Task<ObjectOutcome> ReplaceAsync(
        DesiredObject desired, JsonObject replacement, LiveObject live, OwnerIdentity owner,
        CancellationToken cancellationToken)
    {
        await transport.DeleteAsync(
            desired.Kind, desired.Key, new DeleteQuery { Uid = live.Uid }, cancellationToken);
        var created = desired with { Content = replacement, Replacement = null, Guard = CreationGuard.CreateOnly };
        return await CreateAsync(
            ObjectPreparation.Prepare(created, owner, options), owner, isFresh: false, cancellationToken);
    }

    private async Task<ObjectOutcome> ChangeAsync(
        PreparedObject prepared, LiveObject live, ApplyDecision decision, CancellationToken cancellationToken)
    {
        // With the uid, the server refuses to change another object that has taken the name meanwhile.
        var content = prepared.Content.DeepClone().AsObject();
        content["metadata"]!["uid"] = live.Uid;
        var answer = await SendAsync(prepared, content, cancellationToken);
        if (answer["metadata"]?["resourceVersion"]?.GetValue<string>() != live.ResourceVersion)
        {
            var written = Written(prepared, answer, wasCreated: false, decision.Cause);
            return written with
            {
                Applied = written.Applied is { } applied ? applied with { IsNewPlan = decision.IsNewPlan } : null,
            };
        }

        if (ExactSpec.FirstDifference(prepared, answer) is { } altered)
        {
            return Contest(prepared, altered, isTried: true);
        }

        _settled.MarkAsDesired(live, prepared.Hash);
        if (decision.Difference is { } difference)
        {
            _settled.MarkFutile(prepared.Reference, prepared.Hash, difference);
        }

        return new ObjectOutcome(prepared.Reference);
    }

    private Task<JsonObject> SendAsync(
        PreparedObject prepared, JsonObject content, CancellationToken cancellationToken) => transport.ApplyAsync(
        prepared.Desired.Kind,
        prepared.Desired.Key,
        content,
        new WriteQuery { FieldManager = options.FieldManager, Force = true },
        cancellationToken);

    private async Task<LiveObject?> TryReadAsync(PreparedObject prepared, CancellationToken cancellationToken)
    {
        try
        {
            var existing = await transport.GetAsync(prepared.Desired.Kind, prepared.Desired.Key, cancellationToken);
            return LiveObject.Decode(
                prepared.Desired.Kind,
                JsonSerializer.SerializeToElement(existing),
                fieldManager: options.FieldManager);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private ObjectOutcome Written(PreparedObject prepared, JsonObject answer, bool wasCreated, string cause)
    {
        if (ExactSpec.FirstDifference(prepared, answer) is { } altered)
        {
            return Contest(prepared, altered, isTried: true);
        }

        _contested.Remove(prepared.Reference);
        return new(prepared.Reference)
        {
            Applied = new AppliedObject(
                prepared.Reference, answer["metadata"]?["uid"]?.GetValue<string>() ?? "", wasCreated, cause),
        };
    }

    /// <summary>The server stores something other than what was applied, and keeps doing so.</summary>
    private ObjectOutcome Contest(PreparedObject prepared, string path, bool isTried = false)
    {
        if (isTried)
        {
            _contested.Add(prepared.Reference, prepared.Hash);
        }

        return new(prepared.Reference)
        {
            Failure = new ApplyFailure(
                prepared.Reference,
                FailureClass.MayPass,
                ApplyFailure.ChangedByAdmission,
                $"{path} is stored otherwise than it was applied: a mutating webhook or admission policy changes it. "
                + "Exempt the object there; the apply is repeated until it holds."),
        };
    }

    private static ObjectOutcome Count(ObjectOutcome outcome)
    {
        RuntimeMetrics.ApplyCounter.Add(
            1, RuntimeMetrics.Tag("kind", outcome.Reference.Kind.Kind), RuntimeMetrics.Tag("outcome", outcome.Name));
        return outcome;
    }
}

/// <summary>
/// Remembers the results of comparisons, so that a steady cluster costs neither writes nor much work: which cached
/// instances are as desired, and which differences an apply cannot remove, because the server writes the same value in
/// another form.
/// </summary>
internal sealed class SettledObjects
{
    private const int MostDifferences = 10_000;

    /// <summary>Keyed by cached instance: an entry goes when the cache drops the instance.</summary>
    private readonly ConditionalWeakTable<object, string> _instances = [];
    private readonly ConcurrentDictionary<ObjectReference, (string Hash, ContentDifference Difference)> _differences =
        new();

    public bool IsAsDesired(LiveObject live, string hash) =>
        _instances.TryGetValue(live.Source, out var settled) && settled == hash;

    public void MarkAsDesired(LiveObject live, string hash) => _instances.AddOrUpdate(live.Source, hash);

    /// <summary>Whether an apply of the same content did not remove the same difference before.</summary>
    public bool IsFutile(ObjectReference reference, string hash, ContentDifference? difference) =>
        difference is not null && _differences.TryGetValue(reference, out var known) && known == (hash, difference);

    public void MarkFutile(ObjectReference reference, string hash, ContentDifference difference)
    {
        if (_differences.Count >= MostDifferences)
        {
            // To learn one again costs one apply without effect.
            _differences.Clear();
        }

        _differences[reference] = (hash, difference);
    }
}
