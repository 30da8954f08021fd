using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Dynos;

/// <summary>
/// Takes a dyno that is being stopped out of its space's DNS: its pod loses the label by which the Service of its
/// process type finds it. That Service publishes dynos that are not ready, and so would publish this one until its
/// process has ended. The key is the pod's, since a Dyno that is deleted is gone before its pod.
/// </summary>
public sealed class StoppedNames(ClusterCaches caches, IApiTransport transport, PlatformOptions options) : IReconciler
{
    public static Controller Wire(Controller controller, ClusterCaches caches) =>
        controller.Watches(caches.Pods, OnPod);

    /// <summary>A pod that is being deleted and still has a name.</summary>
    public static IEnumerable<ObjectKey> OnPod(PodFacts? before, PodFacts? after) =>
        after is { IsTerminating: true, HasName: true } ? [new ObjectKey(after.Namespace, after.Name)] : [];

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (caches.Pods.Store.Get(key) is not { IsTerminating: true, HasName: true } pod
            || caches.Spaces.Store.Get(ObjectKey.ClusterScoped(pod.Namespace)) is not { } space
            || !options.Dns.ServesNames(space.Spec.Runtime))
        {
            return ReconcileResult.Done;
        }

        var metadata = new JsonObject
        {
            ["uid"] = pod.Uid,
            ["labels"] = new JsonObject { [Labels.ComponentName] = null },
        };
        try
        {
            await transport.PatchMetadataAsync(Kinds.Pod, key, metadata, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == HttpStatusCode.Conflict)
        {
            // It is gone, or another pod has its name.
        }

        return ReconcileResult.Done;
    }
}
