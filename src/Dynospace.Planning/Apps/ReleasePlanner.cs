using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>Decides about releases: whether the spec asks for a new one, and whether it may go out.</summary>
internal sealed class ReleasePlanner(ObservedApp observed)
{
    private readonly App _app = observed.App;

    public ReleaseDecision Decide(IReadOnlyDictionary<string, SecretDigest> secrets)
    {
        var draft = ReleaseBuilder.Build(_app.Spec, secrets);
        var newest = observed.Releases.MaxBy(release => release.Number);
        var isNew = newest?.Hash != draft.Hash;
        var wanted = isNew ? draft with { Number = NextNumber(newest) } : newest!;
        var decision = new ReleaseDecision
        {
            Wanted = wanted,
            IsNew = isNew,
            Unseen = isNew && Named() is var named && named > (newest?.Number ?? 0) ? named : null,
            Current = Out(),
            PhasesToDelete = [.. EndedPhases(wanted.Number)],
        };
        if (decision.Current?.Number == wanted.Number || wanted.ReleaseCommand.Count == 0)
        {
            return decision with { Current = wanted };
        }

        return DecideByPhase(decision);
    }

    /// <summary>A number is never used twice, not even when somebody deleted the release that had it.</summary>
    private long NextNumber(ReleaseRecord? newest) => 1 + Math.Max(newest?.Number ?? 0, Named());

    /// <summary>The newest release that status or a dyno of the app names. What people write into Dynos of their own does not count.</summary>
    private long Named() => Math.Max(
        _app.Status?.Release ?? 0, observed.Dynos.Where(dyno => Owners.IsControlledBy(dyno, _app)).Max(dyno => dyno.Spec.Release) ?? 0);

    /// <summary>The release that is out: the status knows, and if it was lost, the dynos do.</summary>
    private ReleaseRecord? Out() => Find(_app.Status?.Release) ?? Find(NewestOfDynos());

    private long? NewestOfDynos() =>
        observed.Dynos
            .Where(dyno => dyno.Spec.ProcessType is not (ProcessTypes.Run or ProcessTypes.Release) && Owners.IsControlledBy(dyno, _app))
            .Max(dyno => dyno.Spec.Release);

    private ReleaseRecord? Find(long? number) =>
        number is null ? null : observed.Releases.FirstOrDefault(release => release.Number == number);

    private ReleaseDecision DecideByPhase(ReleaseDecision decision)
    {
        var number = decision.Wanted.Number;
        var name = AppNames.Dyno(_app.Metadata.Name, ProcessTypes.Release, number);
        var phase = observed.Dynos.FirstOrDefault(dyno => dyno.Metadata.Name == name);
        if (phase is not null && !Owners.IsControlledBy(phase, _app))
        {
            return decision with { Problem = new(Reasons.NameTaken, $"Dyno {name} exists and was not made by this App: delete it.") };
        }

        if (phase is not null && phase.Metadata.DeletionTimestamp is null)
        {
            return phase.Status?.State switch
            {
                DynoState.Complete => decision with { Current = decision.Wanted },
                DynoState.Failed => decision with { Problem = Failed(phase, number) },
                _ => decision with { Problem = new(Reasons.ReleasePhaseRunning, $"The release phase of release {number} runs in dyno {name}.") },
            };
        }

        return OtherPhases(number).FirstOrDefault(other => !DynoFacts.HasEnded(other)) is { } running
            ? WaitFor(decision, running)
            : StartPhase(decision, phase is null ? DynoBuilder.Build(_app, ProcessTypes.Release, (int)number, DynoSizes.Default, number) : null);
    }

    /// <summary>Two release phases never run at once. One that runs may finish, one that has not begun is dropped: it may never begin.</summary>
    private static ReleaseDecision WaitFor(ReleaseDecision decision, Dyno running)
    {
        var name = running.Metadata.Name;
        var hasBegun = running.Status?.State is DynoState.Up or DynoState.Stopping || running.Metadata.DeletionTimestamp is not null;
        return decision with
        {
            Problem = new(Reasons.ReleasePhaseRunning, $"Release {decision.Wanted.Number} waits until the release phase in dyno {name} has ended."),
            PhasesToDelete = hasBegun ? decision.PhasesToDelete : [.. decision.PhasesToDelete, new(name, running.Metadata.Uid)],
        };
    }

    private static ReleaseDecision StartPhase(ReleaseDecision decision, Dyno? phase) =>
        decision with
        {
            Phase = phase,
            Problem = new(Reasons.ReleasePhaseRunning, $"The release phase of release {decision.Wanted.Number} starts."),
        };

    private static Problem Failed(Dyno phase, long number)
    {
        var cause = Conditions.Find(phase.Status?.Conditions, ConditionTypes.Up)?.Message;
        return new(
            Reasons.ReleasePhaseFailed,
            $"The release phase of release {number} failed, so the previous release stays: see the logs of dyno {phase.Metadata.Name}, "
            + $"then change the App, or delete that Dyno to try again. {cause}".TrimEnd());
    }

    private IEnumerable<ChildReference> EndedPhases(long wanted) =>
        OtherPhases(wanted)
            .Where(dyno => DynoFacts.HasEnded(dyno) && dyno.Metadata.DeletionTimestamp is null)
            .Select(dyno => new ChildReference(dyno.Metadata.Name, dyno.Metadata.Uid));

    private IEnumerable<Dyno> OtherPhases(long wanted) =>
        observed.Dynos.Where(dyno =>
            dyno.Spec.ProcessType == ProcessTypes.Release && dyno.Spec.Index != wanted && Owners.IsControlledBy(dyno, _app));
}
