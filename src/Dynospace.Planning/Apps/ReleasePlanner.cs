using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Children;
using Dynospace.Planning.Releases;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>The release that the spec asks for, the current one, and the steps between them.</summary>
internal sealed record ReleaseDecision
{
    public required ReleaseRecord Wanted { get; init; }

    /// <summary>Whether the wanted release has to be stored first.</summary>
    public bool IsNew { get; init; }

    /// <summary>
    /// A release that status or dynos name and that is newer than every observed one; set only when a new one is to be
    /// made.
    /// </summary>
    public long? Unseen { get; init; }

    /// <summary>
    /// The stored release of an earlier App, as the new App takes it over: without its data, which does not change.
    /// </summary>
    public V1ControllerRevision? Adopted { get; init; }

    /// <summary>The Secrets that the wanted release still lacks.</summary>
    public IReadOnlyList<ReleaseSecret> Secrets { get; init; } = [];

    /// <summary>
    /// Whether the spec asks for another release, which is not made yet: the wanted one is then the newest that exists.
    /// </summary>
    public bool IsSettling { get; init; }

    /// <summary>When to decide again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>The release that new dynos run; null before the first rollout.</summary>
    public ReleaseRecord? Current { get; init; }

    /// <summary>The release phase to start; null for none.</summary>
    public Dyno? Phase { get; init; }

    /// <summary>Release phases of other releases that are no longer needed.</summary>
    public IReadOnlyList<PlannedDeletion> PhasesToDelete { get; init; } = [];

    /// <summary>The author and cause of the desired release, if it has to be stored first.</summary>
    public ReleaseOrigin? Origin { get; init; }

    /// <summary>The effect of <c>spec.rollbackTo</c>; null if it is not set.</summary>
    public string? RollbackNote { get; init; }

    /// <summary>Why the wanted release is not current.</summary>
    public Problem? Problem { get; init; }
}

/// <summary>
/// Decides about releases: whether the spec asks for a new one, whether it may go out, and which are kept.
/// </summary>
internal sealed class ReleasePlanner(ObservedApp observed)
{
    /// <summary>How long an App and the Secrets that it names must stay as they are for a new release.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many releases the dynos may be ahead of the caches. The operator makes one release after the other, so a
    /// larger number is not its own.
    /// </summary>
    private const int MostUnseen = 10;

    private const int SecretSuffixLength = 8;

    private readonly App _app = observed.App;

    /// <summary>Without releases that no dyno can run, whose numbers must not be trusted either.</summary>
    private readonly IReadOnlyList<ReleaseRecord> _releases = [.. observed.Releases.Where(IsUsable)];

    public ReleaseDecision Decide()
    {
        var secrets = observed.Secrets.ToDictionary(secret => secret.Name);
        var draft = ReleaseRecord.FromSpec(_app.Spec, secrets) with { RollbackTo = _app.Spec.RollbackTo };
        var adopted = Adoptable(draft);
        var newest = adopted ?? _releases.MaxBy(release => release.Number);
        var rollback = Rollback.Decide(observed, draft, newest, _releases);
        var wait = newest is null || rollback.IsInForce ? null : UntilSettled(draft, newest, secrets);
        var isNew = rollback.Target is not null
            || (!rollback.IsInForce && newest?.Hash != draft.Hash && wait is null);
        var wanted = (rollback.Target, isNew) switch
        {
            ({ } target, _) => target with { Number = NextNumber(newest) },
            (_, true) => Numbered(draft, NextNumber(newest)),
            _ => newest!,
        };
        var decision = new ReleaseDecision
        {
            Wanted = wanted,
            IsNew = isNew,
            Adopted = adopted is null ? null : Ownership(adopted),
            Secrets = wanted.Hash == draft.Hash ? [.. MissingSecrets(wanted)] : [],
            IsSettling = wait is not null,
            RecheckAfter = wait,
            RollbackNote = rollback.Note,
            Origin = isNew && (newest is null || rollback.Target is not null || !draft.HasContentOf(newest))
                ? ReleaseOrigin.FromApp(_app, newest?.CreatedAt)
                : null,
            Problem = wait is not null && !draft.HasContentOf(newest!)
                ? new(
                    Reasons.Progressing,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"A new release is made once the App and its Secrets have not changed for "
                        + $"{Settle.TotalSeconds:0} seconds, so that one commit is one release."))
                : rollback.Problem,
            Unseen = isNew && NewestNamed() is var named && named > NewestStored(newest) ? named : null,
            Current = Out(adopted),
            PhasesToDelete = [.. EndedPhases(wanted.Number)],
        };
        if (decision.Current?.Number == wanted.Number)
        {
            return decision;
        }

        if (wanted.ReleaseCommand.Count > 0)
        {
            return DecideByPhase(decision);
        }

        // The phase of another release may still change shared state, such as a database.
        return RunningPhase(wanted.Number) is { } running
            ? WaitFor(decision, running)
            : decision with { Current = wanted };
    }

    /// <summary>The stored releases beyond the history that no dyno runs or may run again.</summary>
    public IReadOnlyList<PlannedDeletion> Surplus(ReleaseDecision decision, int history)
    {
        var inUse = new HashSet<long?>(
            observed.Dynos.SelectMany(dyno => new[] { dyno.Spec.Release, dyno.Status?.Release }))
        {
            decision.Wanted.Number,
            decision.Current?.Number,
        };
        return
        [
            .. _releases
                .OrderBy(release => release.Number)
                .Take(Math.Max(0, _releases.Count - history))
                .Where(release => !inUse.Contains(release.Number))
                .Concat(observed.Releases.Where(release => !IsUsable(release)))
                .Select(
                    release => AppDeletions.For<V1ControllerRevision>(
                        _app, ReleaseRecord.NameOf(_app.Metadata.Name, release.Number), release.Uid)),
        ];
    }

    /// <summary>
    /// The releases left by an earlier App of this name, except the one that is adopted: a stored release is trusted
    /// only if it matches the spec and its hash is correct.
    /// </summary>
    public IEnumerable<PlannedDeletion> Orphans(ReleaseDecision decision) => observed.OrphanedReleases
        .Where(release => release.Number != decision.Wanted.Number)
        .Select(
            release => AppDeletions.For<V1ControllerRevision>(
                _app, ReleaseRecord.NameOf(_app.Metadata.Name, release.Number), release.Uid))
        .Concat(observed.OrphanedSecrets.Select(secret => new PlannedDeletion(secret)))
        .Concat(
            observed.Dynos.Where(dyno => dyno.Spec.ProcessType == ProcessTypes.Release
                && observed.OrphanedDynos.Contains(dyno.Metadata.Uid))
                .Select(Delete))
        .Select(deletion => deletion with { Timing = DeletionTiming.First });

    private static bool IsUsable(ReleaseRecord release) => release.Number is > 0 and <= ReleaseRecord.MaxNumber;

    private ReleaseRecord? Adoptable(ReleaseRecord draft) => _releases.Count > 0
        ? null
        : observed.OrphanedReleases
            .Where(release => IsUsable(release) && release.Hash == draft.Hash && release.HasContentOf(draft))
            .MaxBy(release => release.Number);

    private V1ControllerRevision Ownership(ReleaseRecord release)
    {
        var revision = release.ToRevision(_app);
        revision.Data = null;
        return revision;
    }

    /// <summary>The Secrets that keep the values of releases that are deleted now or were before.</summary>
    public IEnumerable<PlannedDeletion> SurplusSecrets(ReleaseDecision decision, int history)
    {
        var gone = Surplus(decision, history).Select(deletion => deletion.Child.Name).ToHashSet();
        var kept = observed.Releases
            .Where(release => !gone.Contains(ReleaseRecord.NameOf(_app.Metadata.Name, release.Number)))
            .Append(decision.Wanted)
            .SelectMany(release => release.KeptIn)
            .ToHashSet();
        return observed.ReleaseSecrets
            .Where(secret => !kept.Contains(secret.Name))
            .Select(secret => new PlannedDeletion(secret) { Timing = DeletionTiming.UnlessFailed });
    }

    /// <summary>
    /// One commit that changes an App and its Secrets arrives as several changes, in any order. The first of them waits
    /// for the others for a moment, so that all become one release.
    /// </summary>
    private TimeSpan? UntilSettled(
        ReleaseRecord draft, ReleaseRecord newest, IReadOnlyDictionary<string, SecretDigest> secrets)
    {
        if (draft.Hash == newest.Hash)
        {
            return null;
        }

        var isAppChanged = !draft.HasContentOf(newest);
        var secretsChangedAt = observed.Secrets.Max(secret => secret.ObservedAt);
        var changedAt = (isAppChanged, AreSecretsChanged: !newest.HasValuesOf(secrets)) switch
        {
            (false, _) => secretsChangedAt,

            // A Secret of another name comes with its values.
            (true, _) when !draft.ConfigFrom.SequenceEqual(newest.ConfigFrom) => null,
            (true, true) when draft.ConfigFrom.Count > 1 => new[] { observed.ChangedAt, secretsChangedAt }.Max(),
            (true, true) => null,
            (true, false) => draft.ConfigFrom.Count > 0 ? observed.ChangedAt : null,
        };
        var left = changedAt + Settle - observed.Now;
        return left > TimeSpan.Zero ? left : null;
    }

    private ReleaseRecord Numbered(ReleaseRecord draft, long number)
    {
        if (draft.ConfigFrom.Count == 0)
        {
            return draft with { Number = number };
        }

        var fitsIntoOne = SourcesOf(draft).Sum(source => (long)source.Size) <= ReleaseSecret.MaxSize;
        for (var attempt = 0; ; attempt++)
        {
            var name = ReleaseRecord.NameOf(_app.Metadata.Name, number);
            if (attempt > 0)
            {
                name += $"-{new StableHash().Add(draft.Hash).Add(attempt).ToNameSuffix(SecretSuffixLength)}";
            }

            var kept = fitsIntoOne
                ? draft with { Number = number, Secret = name }
                : draft with { Number = number, Secrets = [.. draft.ConfigFrom.Select((_, i) => $"{name}-{i + 1}")] };
            if (kept.KeptIn.All(secret => IsFree(secret, draft.Hash)))
            {
                return kept;
            }
        }
    }

    /// <summary>
    /// Whether a name can be used: no Secret has it, or the Secret was made for exactly this release before the
    /// operator was stopped. A Secret made by hand cannot block a release.
    /// </summary>
    private bool IsFree(string secret, string releaseHash) =>
        !observed.OtherSecrets.Contains(secret)
        && (!observed.ReleaseSecretHashes.TryGetValue(secret, out var hash) || hash == releaseHash);

    private IEnumerable<SecretDigest> SourcesOf(ReleaseRecord release) =>
        release.ConfigFrom.Select(source => observed.Secrets.First(secret => secret.Name == source));

    private IEnumerable<ReleaseSecret> MissingSecrets(ReleaseRecord wanted)
    {
        var sources = SourcesOf(wanted).ToList();
        for (var i = 0; i < wanted.KeptIn.Count; i++)
        {
            var name = wanted.KeptIn[i];
            if (observed.ReleaseSecrets.All(secret => secret.Name != name))
            {
                yield return new(wanted, name, wanted.Secret is null ? [sources[i]] : sources);
            }
        }
    }

    /// <summary>A number is never used twice, not even after its release was deleted.</summary>
    private long NextNumber(ReleaseRecord? newest) => 1 + Math.Max(NewestStored(newest), NewestNamed());

    private long NewestStored(ReleaseRecord? newest) => Math.Max(
        newest?.Number ?? 0,
        observed.OrphanedReleases.Where(IsUsable).Max(release => (long?)release.Number) ?? 0);

    /// <summary>
    /// The newest release that a status names, or a dyno of the app whose claim is plausible. Members of a space write
    /// the specs of Dynos, owner references included, but no status: a number that they chose must not use up those
    /// that are left.
    /// </summary>
    private long NewestNamed()
    {
        var ours = observed.Dynos.Where(observed.IsOurs).ToList();
        var written = ours.Select(dyno => dyno.Status?.Release)
            .Append(_app.Status?.Release)
            .Max(number => number is <= ReleaseRecord.MaxNumber ? number : null) ?? 0;
        var known = Math.Max(written, NewestStored(_releases.MaxBy(release => release.Number)));
        return ours.Select(dyno => dyno.Spec.Release)
            .Where(number => number <= known + MostUnseen)
            .Append(written)
            .Max() ?? 0;
    }

    /// <summary>The current release according to the status or, if the status was lost, to the dynos.</summary>
    private ReleaseRecord? Out(ReleaseRecord? adopted) =>
        Find(_app.Status?.Release, adopted)
        ?? observed.Dynos.Where(dyno => observed.IsOurs(dyno) && AppDynos.IsOfFormation(dyno))
            .Select(dyno => Find(dyno.Spec.Release, adopted))
            .MaxBy(release => release?.Number);

    private ReleaseRecord? Find(long? number, ReleaseRecord? adopted) =>
        adopted?.Number == number ? adopted : _releases.FirstOrDefault(release => release.Number == number);

    private ReleaseDecision DecideByPhase(ReleaseDecision decision)
    {
        var number = decision.Wanted.Number;
        var name = AppNames.Dyno(_app.Metadata.Name, ProcessTypes.Release, PhaseIndexOf(number));
        var phase =
            observed.Dynos.FirstOrDefault(dyno => dyno.Metadata.Name == name
                && !observed.OrphanedDynos.Contains(dyno.Metadata.Uid));
        if (phase is not null && !Owners.IsControlledBy(phase, _app))
        {
            return decision with
            {
                Problem = new(Reasons.NameTaken, $"Dyno {name} exists and was not made by this App: delete it."),
            };
        }

        if (phase is not null && phase.Spec.Release != number)
        {
            return WaitFor(decision, phase);
        }

        if (phase is not null && phase.Metadata.DeletionTimestamp is null)
        {
            return phase.Status?.State switch
            {
                DynoState.Complete => decision with { Current = decision.Wanted },
                DynoState.Failed => decision with { Problem = Failed(phase, number) },
                _ => decision with
                {
                    Problem = new(
                        Reasons.ReleasePhaseRunning, $"The release phase of release {number} runs in dyno {name}."),
                },
            };
        }

        return RunningPhase(number) is { } running
            ? WaitFor(decision, running)
            : Start(decision, isBeingDeleted: phase is not null);
    }

    /// <summary>
    /// Two release phases never run at once. A running one may finish; one that has not begun is deleted, as it may
    /// never begin.
    /// </summary>
    private ReleaseDecision WaitFor(ReleaseDecision decision, Dyno running)
    {
        var name = running.Metadata.Name;
        var hasBegun = running.Status?.State is DynoState.Up or DynoState.Stopping
            || running.Metadata.DeletionTimestamp is not null;
        return decision with
        {
            Problem = new(
                Reasons.ReleasePhaseRunning,
                $"Release {decision.Wanted.Number} waits until the release phase in dyno {name} has ended."),
            PhasesToDelete = hasBegun ? decision.PhasesToDelete : [.. decision.PhasesToDelete, Delete(running)],
        };
    }

    /// <summary>A phase whose Dyno is being deleted runs again when it is gone.</summary>
    private ReleaseDecision Start(ReleaseDecision decision, bool isBeingDeleted)
    {
        var number = decision.Wanted.Number;
        return decision with
        {
            Phase = isBeingDeleted
                ? null
                : AppDynos.Build(_app, ProcessTypes.Release, PhaseIndexOf(number), DynoSizes.Default, number),
            Problem = new(Reasons.ReleasePhaseRunning, $"The release phase of release {number} starts."),
        };
    }

    /// <summary>Dynos have numbers up to a limit, and releases any number.</summary>
    private static int PhaseIndexOf(long release) => (int)(1 + ((release - 1) % Dyno.MaxIndex));

    private static Problem Failed(Dyno phase, long number)
    {
        var cause = Conditions.Find(phase.Status?.Conditions, ConditionTypes.Up)?.Message;
        return new(
            Reasons.ReleasePhaseFailed,
            $"The release phase of release {number} failed, so the previous release stays: change the App, or "
            + $"delete Dyno {phase.Metadata.Name} to try again. {cause}".TrimEnd());
    }

    private Dyno? RunningPhase(long wanted) => OtherPhases(wanted).FirstOrDefault(other => !AppDynos.HasEnded(other));

    private IEnumerable<PlannedDeletion> EndedPhases(long wanted) =>
        OtherPhases(wanted)
            .Where(dyno => AppDynos.HasEnded(dyno) && dyno.Metadata.DeletionTimestamp is null)
            .Select(Delete);

    private PlannedDeletion Delete(Dyno dyno) => AppDeletions.For<Dyno>(_app, dyno.Metadata.Name, dyno.Metadata.Uid);

    private IEnumerable<Dyno> OtherPhases(long wanted) =>
        observed.Dynos.Where(dyno =>
            dyno.Spec.ProcessType == ProcessTypes.Release
            && dyno.Spec.Release != wanted
            && Owners.IsControlledBy(dyno, _app));
}
