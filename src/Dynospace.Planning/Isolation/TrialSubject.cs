using System.Globalization;
using Dynospace.Api;
using Dynospace.Planning.Spaces;

namespace Dynospace.Planning.Isolation;

/// <summary>What a trial speaks of, as a hash: another one, and the last trial says nothing any more.</summary>
internal static class TrialSubject
{
    public static string Of(ObservedSpace observed) =>
        new StableHash()
            .Add(observed.Policies
                .Select(policy => string.Create(CultureInfo.InvariantCulture, $"{policy.Name}/{policy.Uid}/{policy.Generation}"))
                .Order(StringComparer.Ordinal)
                .ToArray())
            .Add(observed.Cluster.NetworkRevision)
            .Add(observed.Space.Metadata.Annotations?.TryGetValue(Annotations.VerifyIsolation, out var asked) == true ? asked : null)
            .ToHex();
}
