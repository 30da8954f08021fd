using System.Text.Json;
using Dynospace.Api;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

/// <summary>A ControllerRevision that stores a release.</summary>
/// <param name="App">The app it is of.</param>
/// <param name="Live">Who owns it, for creating and deleting.</param>
/// <param name="Release">The release; null where the revision cannot be read, which is then no release.</param>
public sealed record StoredRelease(ObjectKey App, LiveObject Live, ReleaseRecord? Release)
{
    public static StoredRelease Decode(JsonElement revision)
    {
        var live = LiveObject.Decode(Kinds.ControllerRevision, revision, keepContent: false);
        var app = live.Labels.TryGetValue(Labels.App, out var name) ? name : "";
        return new StoredRelease(
            new ObjectKey(live.Key.Namespace, app),
            live,
            ReleaseRecord.FromRevision(JsonObjects.To<V1ControllerRevision>(revision)));
    }
}
