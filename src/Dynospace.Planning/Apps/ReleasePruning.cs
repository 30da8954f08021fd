using Dynospace.Planning.Options;

namespace Dynospace.Planning.Apps;

/// <summary>Which stored releases nobody needs any more.</summary>
internal static class ReleasePruning
{
    public static IReadOnlyList<ChildReference> Prune(ObservedApp observed, ReleaseDecision decision, PlatformOptions options)
    {
        var surplus = observed.Releases.Count - options.Releases.History;
        if (surplus <= 0)
        {
            return [];
        }

        var inUse = new HashSet<long?>(observed.Dynos.SelectMany(dyno => new[] { dyno.Spec.Release, dyno.Status?.Release }))
        {
            decision.Wanted.Number,
            decision.Current?.Number,
        };
        return
        [
            .. observed.Releases
                .OrderBy(release => release.Number)
                .Take(surplus)
                .Where(release => !inUse.Contains(release.Number))
                .Select(release => new ChildReference(ReleaseRecord.NameOf(observed.App.Metadata.Name, release.Number), release.Uid)),
        ];
    }
}
