using Dynospace.Controllers.Caching;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Dynos;

/// <summary>Creates and deletes the pods of a dyno.</summary>
internal sealed class DynoPods(IApplier applier, IApiTransport transport)
{
    public async Task<ApplyReport> ApplyAsync(ObservedDyno observed, DynoPlan plan, CancellationToken cancellationToken)
    {
        var report = plan.Pod is { } pod
            ? await applier.ApplyAsync(
                new ApplySet(OwnerIdentity.Of(Kinds.Dyno, observed.Dyno), [DesiredObject.Of(pod) with { Guard = CreationGuard.CreateOnly }], [])
                {
                    Prune = false,
                },
                cancellationToken)
            : new ApplyReport();

        // The platform starts the new process as it signals the old one; a new pod that was refused must not cost the old one.
        if (report.IsComplete)
        {
            foreach (var unwanted in plan.PodsToDelete)
            {
                await DeleteAsync(new ObjectKey(observed.Dyno.Metadata.NamespaceProperty, unwanted.Name), unwanted, cancellationToken);
            }
        }

        return report;
    }

    private async Task DeleteAsync(ObjectKey key, PodDeletion unwanted, CancellationToken cancellationToken)
    {
        var query = new DeleteQuery
        {
            Uid = unwanted.Uid,
            GracePeriod = unwanted.GraceSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        try
        {
            await transport.DeleteAsync(Kinds.Pod, key, query, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == System.Net.HttpStatusCode.Conflict)
        {
            // Gone, or a namesake took its place: either way the pod that was meant is no more.
        }
    }
}
