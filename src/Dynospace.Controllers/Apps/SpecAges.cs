using System.Collections.Concurrent;
using Dynospace.Api.Apps;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Apps;

/// <summary>
/// Remembers since when each App's spec asks for the release that it asks for, which no object says. Quantities,
/// domains and other fields that make no release do not count: an autoscaler must not delay a release. After a restart
/// all specs count as new: a change made in the meantime waits for its Secrets again.
/// </summary>
public sealed class SpecAges(TimeProvider clock)
{
    private readonly ConcurrentDictionary<ObjectKey, Seen> _seen = new();

    public DateTimeOffset SinceOf(App app)
    {
        var key = new ObjectKey(app.Metadata.NamespaceProperty, app.Metadata.Name);
        var known = _seen.GetValueOrDefault(key);
        if (known is null || known.Uid != app.Metadata.Uid || known.Generation != app.Metadata.Generation)
        {
            var content = ReleaseRecord.FromSpec(app.Spec, WithoutValues(app.Spec)).Hash;
            var since = known?.Uid == app.Metadata.Uid && known.Content == content ? known.Since : clock.GetUtcNow();
            _seen[key] = known = new(app.Metadata.Uid, app.Metadata.Generation, content, since);
        }

        return known.Since;
    }

    private static Dictionary<string, SecretDigest> WithoutValues(AppSpec spec) => (spec.ConfigFrom ?? [])
        .Select(source => source.SecretRef.Name)
        .Distinct()
        .ToDictionary(name => name, name => new SecretDigest(name, ""));

    public void Forget(ObjectKey app) => _seen.TryRemove(app, out _);

    /// <param name="Content">The hash of what makes a release, without the values of Secrets.</param>
    private sealed record Seen(string Uid, long? Generation, string Content, DateTimeOffset Since);
}
