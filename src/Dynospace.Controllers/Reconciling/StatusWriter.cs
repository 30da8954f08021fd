// Reconciling: what the reconcilers share: status and events, outcomes, grants on record, and triggers that several
// kinds have.

using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;
using k8s;
using k8s.Models;

namespace Dynospace.Controllers.Reconciling;

/// <summary>Writes a status if it differs, and records an event for each condition that changed.</summary>
public sealed class StatusWriter(IApplier applier, IEventRecorder events)
{
    public async Task WriteAsync<TStatus>(
        ResourceKind kind,
        IKubernetesObject<V1ObjectMeta> target,
        TStatus? before,
        TStatus after,
        (IEnumerable<V1Condition>? Before, IEnumerable<V1Condition>? After) conditions,
        CancellationToken cancellationToken)
        where TStatus : class
    {
        var identity = OwnerIdentity.FromObject(kind, target);
        var report =
            await applier.ApplyStatusAsync(StatusUpdate.FromStatus(identity, after, before), cancellationToken);
        if (report.Failure is { } failure)
        {
            throw new RetryableReconcileException(identity.Key, failure);
        }

        if (!report.WasWritten)
        {
            return;
        }

        foreach (var planned in Transitions.Between(conditions.Before, conditions.After))
        {
            events.Record(
                identity, planned.IsWarning ? EventType.Warning : EventType.Normal, planned.Reason, planned.Message);
        }
    }
}
