using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Egress;

/// <summary>
/// Takes away, once in a process, what was made for an egress gateway of the cluster that the options no longer name:
/// it would go on translating.
/// </summary>
public sealed class EgressLeftovers(IApplier applier, IApiTransport transport, PlatformOptions options) : IReconciler
{
    private const string Ours =
        $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.Component}={ComponentValues.Egress},{Labels.OwnerUid}";

    /// <summary>The only key that there is.</summary>
    public static ObjectKey Key { get; } = ObjectKey.ClusterScoped("egress");

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var failures = new List<ApplyFailure>();
        // What translates goes before what it refers to.
        foreach (var kind in EgressProviders.Kinds.Except(EgressProviders.KindsFor(options.Egress)).Reverse())
        {
            var left = await transport.ListOwnAsync(ProviderCaches.KindOf(kind), Ours, cancellationToken);
            failures.AddRange(await applier.DeleteAllAsync(left, cancellationToken));
        }

        return ReconcileEnd.FromReport(key, failures, failures.Count > 0 ? options.Cluster.RecheckInterval : null);
    }
}
