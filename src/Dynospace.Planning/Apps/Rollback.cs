using Dynospace.Api;
using Dynospace.Planning.Releases;
using static System.FormattableString;

namespace Dynospace.Planning.Apps;

/// <summary>
/// The effect of <c>spec.rollbackTo</c>. Each release records the field's value when it was made. A value that differs
/// from the newest release's is a new request, so the stored releases are the only state. The operator never writes the
/// field, since it may come from Git.
/// </summary>
/// <param name="Target">The release to run again, as a new one without a number yet; null for none.</param>
/// <param name="IsInForce">Whether the newest release is the rollback, and the spec still asks for the same.</param>
/// <param name="Problem">Why the request is refused; the rest of the spec applies as if the field was not set.</param>
/// <param name="Note">A note for users about the field.</param>
internal sealed record Rollback(ReleaseRecord? Target, bool IsInForce, Problem? Problem, string? Note)
{
    private static readonly Rollback None = new(null, false, null, null);

    /// <param name="observed">The App and its dynos.</param>
    /// <param name="draft">The release that the spec asks for otherwise.</param>
    /// <param name="newest">The newest release; null before the first.</param>
    /// <param name="releases">All releases that the App owns.</param>
    public static Rollback Decide(
        ObservedApp observed, ReleaseRecord draft, ReleaseRecord? newest, IReadOnlyList<ReleaseRecord> releases)
    {
        if (observed.App.Spec.RollbackTo is not { } number || newest is null)
        {
            return None;
        }

        if (newest.RollbackTo != number)
        {
            return Request(observed, draft, number, releases);
        }

        return newest.Over == draft.Hash
            ? None with { IsInForce = true, Note = InEffect(number) }
            : None with { Note = WithoutEffect(number, releases) };
    }

    private static Rollback Request(
        ObservedApp observed, ReleaseRecord draft, long number, IReadOnlyList<ReleaseRecord> releases)
    {
        if (releases.FirstOrDefault(release => release.Number == number) is not { } found)
        {
            var known = string.Join(", ", releases.Select(release => release.Number).Order());
            return Refused(number, $"there is no such release; there are: {known}.");
        }

        if (found.KeptIn.FirstOrDefault(
            kept => observed.ReleaseSecrets.All(secret => secret.Name != kept)) is { } lost)
        {
            return Refused(number, $"Secret {lost} with the values of that release is gone: name another.");
        }

        // Such a type would run the image's own command, which may be that of web.
        var without = Formation.FromSpec(observed.App).FirstOrDefault(process =>
            process.HasCommand && process.Quantity > 0 && !found.Commands.ContainsKey(process.Type));
        return without is null
            ? None with
            {
                Target = found with { Uid = null, CreatedAt = null, RollbackTo = number, Over = draft.Hash },
                Note = InEffect(number),
            }
            : Refused(
                number,
                $"that release has no command for process type {without.Type}: scale it to 0 first, or name another "
                + "release.");
    }

    private static Rollback Refused(long number, string message) => None with
    {
        Problem = new(
            Reasons.RollbackRefused, Invariant($"spec.rollbackTo {number}: {message} Running dynos are not affected.")),
    };

    private static string InEffect(long number) =>
        Invariant($"It is release {number} again (spec.rollbackTo), ")
        + "until image, config, commands or Secrets of the spec change.";

    private static string WithoutEffect(long number, IReadOnlyList<ReleaseRecord> releases)
    {
        var same = releases.Where(release => release.IsRollback && release.RollbackTo == number)
            .MaxBy(release => release.Number)?.Number;
        var instead = same is null
            ? "name another release"
            : Invariant($"name release {same}, which is the same");
        return Invariant($"spec.rollbackTo {number} has no effect, since the spec changed after it was set: ")
            + $"to roll back again, {instead}.";
    }
}
