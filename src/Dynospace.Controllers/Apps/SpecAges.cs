using System.Collections.Concurrent;
using Dynospace.Api.Apps;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Apps;

/// <summary>
/// Remembers when each App's spec was first seen as it is, which no object says. After a restart all are new: a change
/// that was made meanwhile waits for its Secrets once more.
/// </summary>
internal sealed class SpecAges(TimeProvider clock)
{
    private readonly ConcurrentDictionary<ObjectKey, (string Uid, long? Generation, DateTimeOffset Since)> _seen =
        new();

    public DateTimeOffset SinceOf(App app)
    {
        var key = new ObjectKey(app.Metadata.NamespaceProperty, app.Metadata.Name);
        var (uid, generation) = (app.Metadata.Uid, app.Metadata.Generation);
        return _seen.AddOrUpdate(
            key,
            _ => (uid, generation, clock.GetUtcNow()),
            (_, known) => known.Uid == uid && known.Generation == generation
                ? known
                : (uid, generation, clock.GetUtcNow())).Since;
    }

    public void Forget(ObjectKey app) => _seen.TryRemove(app, out _);
}
