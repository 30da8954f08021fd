using System.Security.Cryptography;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Spaces;

/// <summary>Takes one step of a space's trial: makes and deletes canaries as planned.</summary>
internal sealed class IsolationTrials(IApplier applier, IApiTransport transport, PlatformOptions options, TimeProvider clock)
{
    /// <summary>Makes the canaries' names unknown beforehand. Another process, which has another, begins a trial anew.</summary>
    private readonly string _seed = RandomNumberGenerator.GetHexString(32);

    /// <summary>Takes one step; what it plans tells the status, and what fails and may pass is told.</summary>
    public async Task<(TrialPlan Plan, IReadOnlyList<ApplyFailure> Failures)> StepAsync(
        ObservedSpace observed, bool isSettled, CancellationToken cancellationToken)
    {
        var plan = TrialPlanner.Plan(observed, isSettled, options, _seed, clock.GetUtcNow());
        foreach (var unwanted in plan.PodsToDelete)
        {
            await DeleteAsync(new ObjectKey(observed.Space.Metadata.Name, unwanted.Name), unwanted, cancellationToken);
        }

        if (plan.Pod is not { } pod)
        {
            return (plan, []);
        }

        var desired = DesiredObject.Of(pod) with { Guard = CreationGuard.CreateOnly };
        var set = new ApplySet(OwnerIdentity.Of(Kinds.Space, observed.Space), [desired], []) { Prune = false };
        var report = await applier.ApplyAsync(set, cancellationToken);
        return ApplyOutcomes.Of(report) is { Problem: { } problem, IsRetrying: false }
            ? (TrialPlanner.Refused(plan, observed, problem.Message, options, clock.GetUtcNow()), [])
            : (plan, report.Failures);
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
            // Gone, or a namesake took its place.
        }
    }
}
