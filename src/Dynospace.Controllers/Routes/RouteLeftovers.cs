using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Routes;

/// <summary>
/// Removes, once in a process, the routes made for a provider that the options no longer name: nothing restricts them
/// to ranges any more.
/// </summary>
public sealed class RouteLeftovers(IApplier applier, IApiTransport transport, PlatformOptions options) : IReconciler
{
    private const string Ours = $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.App},{Labels.OwnerUid}";

    /// <summary>The only key that there is.</summary>
    public static ObjectKey Key { get; } = ObjectKey.ClusterScoped("routes");

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var failures = new List<ApplyFailure>();
        foreach (var kind in GatewayCatalog.Kinds.Except(GatewayCatalog.For(options.Router)?.Kinds ?? []))
        {
            // Routes come first; what keeps them to ranges stays while one of them does.
            if (failures.Count > 0 && !GatewayCatalog.RouteKinds.Contains(kind))
            {
                break;
            }

            var left = await transport.ListOwnAsync(ProviderCaches.KindOf(kind), Ours, cancellationToken);
            failures.AddRange(await applier.DeleteAllAsync(left, cancellationToken));
        }

        return ReconcileEnd.FromReport(key, failures, failures.Count > 0 ? options.Cluster.RecheckInterval : null);
    }
}
