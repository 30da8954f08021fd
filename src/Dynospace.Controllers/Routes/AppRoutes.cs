// Routes: an app's routes through the cluster's own gateway, and the removal of those that are left over.

using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Planning.Children;
using Dynospace.Planning.Gateways;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;

namespace Dynospace.Controllers.Routes;

/// <summary>
/// Applies an app's routes and certificates, and deletes those that it no longer wants. A route never stands without
/// what keeps it to ranges: that comes before it and goes after it.
/// </summary>
public sealed class AppRoutes(ClusterCaches caches, ChildApplier children)
{
    private const int FenceStage = 0;

    private const int RouteStage = 1;

    public async Task<ApplyReport> ApplyAsync(App app, RoutePlan plan, CancellationToken cancellationToken)
    {
        var owner = OwnerIdentity.FromObject(Kinds.App, app);
        var parts = caches.Providers.PartsOf(owner.Key);
        List<PlannedObject> desired =
        [
            .. plan.Fences.Select(part => new PlannedObject(part) { Stage = FenceStage }),
            .. plan.Routes.Concat(plan.Certificates).Select(part => new PlannedObject(part) { Stage = RouteStage }),
        ];
        List<PlannedDeletion> unplanned =
        [
            .. Pruning.Unplanned(parts.Select(part => ObservedChildren.From(part.Live)), desired, owner.Uid),
        ];
        var report = await children.ApplyAsync(
            owner,
            new()
            {
                Objects = desired,
                Deletions =
                [
                    .. parts.Where(part => OwnerOf(part) != owner.Uid)
                        .Select(part => DeletionOf(part) with { Timing = DeletionTiming.First }),
                    .. unplanned.Where(IsRoute)
                        .Select(deletion => deletion with { Timing = DeletionTiming.UnlessWithheld }),
                ],
            },
            cancellationToken);
        IEnumerable<PlannedDeletion> next = [];
        if (IsUnfenced(report))
        {
            next = parts.Where(part => IsRoute(part.Live.Kind)).Select(DeletionOf);
        }
        else if (report.Withheld.Count == 0 && !report.Failures.Any(failure => IsRoute(failure.Reference.Kind)))
        {
            next = unplanned.Where(deletion => !IsRoute(deletion));
        }

        return report with { Failures = [.. report.Failures, .. await DeleteAsync(owner, next, cancellationToken)] };
    }

    /// <summary>
    /// Deletes the parts of an app that is gone: owner references cannot cross namespaces, so not all of them go by
    /// themselves.
    /// </summary>
    public async Task<IReadOnlyList<ApplyFailure>> RemoveAsync(ObjectKey app, CancellationToken cancellationToken)
    {
        var owner = new OwnerIdentity(Kinds.App, app, "");
        var deletions = caches.Providers.PartsOf(app).Where(part => !part.Live.IsTerminating)
            .Select(DeletionOf)
            .ToList();
        var failures = await DeleteAsync(owner, deletions.Where(IsRoute), cancellationToken);
        return failures.Count > 0
            ? failures
            : await DeleteAsync(owner, deletions.Where(deletion => !IsRoute(deletion)), cancellationToken);
    }

    /// <summary>
    /// Whether what keeps the routes to ranges is refused for good. A route that stands then must not stay as open as
    /// it is.
    /// </summary>
    private static bool IsUnfenced(ApplyReport report) =>
        report.Withheld.Count > 0 && (report.Foreign.Count > 0 || report.Refusals.Any());

    private static string? OwnerOf(ProviderPart part) => part.Live.Labels.GetValueOrDefault(Labels.OwnerUid);

    private static bool IsRoute(ResourceKind kind) =>
        GatewayCatalog.RouteKinds.Any(route => kind == ProviderCaches.KindOf(route));

    private static bool IsRoute(PlannedDeletion deletion) => IsRoute(Kinds.For(deletion.Child));

    private static PlannedDeletion DeletionOf(ProviderPart part) => new(ObservedChildren.From(part.Live).Identity);

    private async Task<IReadOnlyList<ApplyFailure>> DeleteAsync(
        OwnerIdentity owner, IEnumerable<PlannedDeletion> deletions, CancellationToken cancellationToken) =>
        deletions.ToList() is { Count: > 0 } some
            ? (await children.ApplyAsync(owner, new() { Deletions = some }, cancellationToken)).Failures
            : [];
}
