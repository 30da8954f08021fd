using Dynospace.Api.Spaces;
using Dynospace.Runtime;

namespace Dynospace.Router.Cluster;

/// <summary>What is known of the cluster.</summary>
internal interface IClusterView
{
    IReadOnlyCollection<Space> Spaces { get; }

    IReadOnlyCollection<AppFacts> Apps { get; }

    AppFacts? App(ObjectKey key);

    IReadOnlyCollection<SliceFacts> SlicesOf(ObjectKey app);

    IReadOnlyCollection<DynoFacts> DynosOf(ObjectKey app);
}
