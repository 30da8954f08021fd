using System.Text.Json;
using Dynospace.Api.Dynos;
using Dynospace.Runtime;

namespace Dynospace.Router.Cluster;

/// <summary>What the router keeps of a web Dyno: only whose it is and how it does, for the error that an app without endpoints gets.</summary>
internal sealed record DynoFacts(ObjectKey App, DynoState? State)
{
    public static DynoFacts Decode(JsonElement element)
    {
        var dyno = JsonObjects.To<Dyno>(element);
        return new DynoFacts(new ObjectKey(dyno.Metadata.NamespaceProperty, dyno.Spec.App), dyno.Status?.State);
    }
}
