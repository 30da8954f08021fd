using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Gateways;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;

namespace Dynospace.Controllers.Routes;

/// <summary>Applies an app's routes and certificates, and takes away what it wants no more.</summary>
internal sealed class AppRoutes(ClusterCaches caches, IApplier applier)
{
    /// <summary>Who may send requests is said before there is a way for them.</summary>
    private const int FenceStage = 0;

    private const int RouteStage = 1;

    public async Task<ApplyReport> ApplyAsync(App app, RoutePlan plan, CancellationToken cancellationToken)
    {
        var owner = OwnerIdentity.Of(Kinds.App, app);
        var parts = caches.Providers.PartsOf(owner.Key);
        var failures = await DeleteAsync(parts.Where(part => OwnerOf(part) != owner.Uid), cancellationToken);
        var observed = parts.Where(part => OwnerOf(part) == owner.Uid).Select(part => part.Live).ToList();
        List<DesiredObject> desired =
        [
            .. plan.Fences.Select(part => Desired(part, FenceStage)),
            .. plan.Routes.Concat(plan.Certificates).Select(part => Desired(part, RouteStage)),
        ];
        if (desired.Count + observed.Count == 0)
        {
            return new ApplyReport { Failures = failures };
        }

        var report = await applier.ApplyAsync(new ApplySet(owner, desired, observed), cancellationToken);
        var closed = IsUnfenced(report) ? await DeleteAsync(parts.Where(IsRoute), cancellationToken) : [];
        return report with { Failures = [.. failures, .. report.Failures, .. closed] };
    }

    /// <summary>
    /// What is left of an app that is gone: owner references cannot cross namespaces, so not all of it goes by itself.
    /// </summary>
    public async Task<IReadOnlyList<ApplyFailure>> RemoveAsync(ObjectKey app, CancellationToken cancellationToken) =>
        await DeleteAsync(caches.Providers.PartsOf(app), cancellationToken);

    /// <summary>
    /// Whether what keeps the routes to ranges is refused for good. A route that stands then must not stay as open as
    /// it is.
    /// </summary>
    private static bool IsUnfenced(ApplyReport report) =>
        report.Withheld.Count > 0 && (report.Foreign.Count > 0 || report.Refusals.Any());

    private static string? OwnerOf(ProviderPart part) => part.Live.Labels.GetValueOrDefault(Labels.OwnerUid);

    private static bool IsRoute(ProviderPart part) =>
        GatewayCatalog.RouteKinds.Any(kind => part.Live.Kind == ProviderCaches.Of(kind));

    private static DesiredObject Desired(ProviderObject part, int stage) =>
        new(ProviderCaches.Of(part.Type), JsonObjects.From(part)) { Stage = stage, Guard = CreationGuard.ReadFirst };

    private Task<List<ApplyFailure>> DeleteAsync(
        IEnumerable<ProviderPart> parts, CancellationToken cancellationToken) =>
        applier.DeleteAllAsync(parts.Select(part => part.Live), cancellationToken);
}
