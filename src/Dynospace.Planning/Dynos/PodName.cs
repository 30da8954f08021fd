using System.Globalization;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// Names of dynos' pods: <c>&lt;app&gt;-&lt;type&gt;-&lt;n&gt;-&lt;suffix&gt;</c>. The suffix follows from what the pod replaces, so that
/// planning again on an outdated cache gives the same name, and a second pod is refused as a duplicate instead of running.
/// </summary>
internal static class PodName
{
    private const int MaxLength = 63;
    private const int LongestSuffix = 10;

    public static string Of(PodTemplate template, string templateHash, IEnumerable<PodFacts> gone, IReadOnlyCollection<string> taken)
    {
        var spec = template.Dyno.Spec;
        var stem = string.Create(CultureInfo.InvariantCulture, $"{spec.App}-{spec.ProcessType}-{spec.Index}-");
        var uids = gone.Select(pod => pod.Uid).Order(StringComparer.Ordinal).ToArray();
        for (var attempt = 0; ; attempt++)
        {
            var hash = new StableHash().Add(template.Dyno.Metadata.Uid).Add(templateHash).Add(uids).Add(attempt);
            var name = stem + hash.ToNameSuffix(Math.Min(LongestSuffix, MaxLength - stem.Length));
            if (!taken.Contains(name))
            {
                return name;
            }
        }
    }
}
