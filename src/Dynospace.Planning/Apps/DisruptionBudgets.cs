using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Children;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>The observed state of a PodDisruptionBudget in an app's namespace.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="OwnerUid">The UID of its controlling owner; null if it has none.</param>
public sealed record BudgetFacts(string Name, string? Uid, string? OwnerUid)
{
    /// <summary>The pods that it selects, if it has no controlling owner; null for the operator's own.</summary>
    public V1LabelSelector? Selector { get; init; }

    /// <summary>
    /// Whether the operator made it, for this App or one that is gone, and it lost its owner reference.
    /// </summary>
    public bool IsAdoptable { get; init; }
}

/// <summary>The PodDisruptionBudgets of an app.</summary>
/// <param name="ToApply">The budgets that must exist.</param>
/// <param name="ToDelete">The budgets to delete.</param>
/// <param name="Problem">Why one is missing; null if none is.</param>
internal sealed record BudgetPlan(
    IReadOnlyList<V1PodDisruptionBudget> ToApply, IReadOnlyList<PlannedDeletion> ToDelete, Problem? Problem);

/// <summary>
/// Keeps a drain of nodes from taking more than one dyno of a process type at a time. The number is an integer, since
/// the controller of budgets cannot ask a Dyno for a scale, which <c>maxUnavailable</c> and percentages need.
/// </summary>
internal static class DisruptionBudgets
{
    public static BudgetPlan Plan(
        ObservedApp observed, IReadOnlyList<DesiredProcess> formation, SpaceRuntime runtime)
    {
        var app = observed.App;
        var taken = observed.Budgets.Where(found => found.OwnerUid != app.Metadata.Uid && !found.IsAdoptable)
            .Select(found => found.Name)
            .ToHashSet();
        var wanted = formation
            .Where(process => process.Quantity > 0 && !HasOther(observed, process, runtime))
            .Select(process => Build(app, process))
            .ToList();
        var planned = wanted.Where(budget => !taken.Contains(budget.Metadata.Name)).ToList();
        var names = planned.Select(budget => budget.Metadata.Name).ToHashSet();
        return new(
            planned,
            [
                .. observed.Budgets
                    .Where(found => found.OwnerUid == app.Metadata.Uid && !names.Contains(found.Name))
                    .Select(found => AppDeletions.For<V1PodDisruptionBudget>(app, found.Name, found.Uid)),
            ],
            NameTaken(wanted.Except(planned)));
    }

    private static Problem? NameTaken(IEnumerable<V1PodDisruptionBudget> missing) =>
        string.Join(", ", missing.Select(budget => budget.Metadata.Name)) is { Length: > 0 } names
            ? new(
                Reasons.DisruptionBudgetMissing,
                $"PodDisruptionBudget {names} exists, was not made by the operator and is for other pods, so a drain "
                + "of nodes may take all dynos of a process type at once: rename or delete it.")
            : null;

    /// <summary>
    /// Whether another client's budget is for the same pods. The API server evicts no pod that two budgets select.
    /// </summary>
    private static bool HasOther(ObservedApp observed, DesiredProcess process, SpaceRuntime runtime)
    {
        var name = AppNames.HeadlessService(observed.App.Metadata.Name, process.Type);
        var selectors = observed.Budgets
            .Where(found => found.OwnerUid != observed.App.Metadata.Uid && !(found.Name == name && found.IsAdoptable))
            .Select(found => found.Selector)
            .OfType<V1LabelSelector>()
            .ToList();
        if (selectors.Count == 0)
        {
            return false;
        }

        var routing = ChildLabels.RoutingOf(process.Type, observed.App.Spec.InternalRouting, runtime);
        var release = observed.App.Status?.Release ?? 1;
        return Enumerable.Range(1, process.Quantity)
            .Select(index => ChildLabels.OfPod(
                AppDynos.Build(observed.App, process.Type, index, process.Size, release), release, routing))
            .Any(labels => selectors.Any(selector =>
                LabelSelectors.Matches(selector, labels.AsReadOnly())));
    }

    /// <summary>
    /// The only dyno of a type is not evicted before its successor runs, which the operator starts when the node is
    /// cordoned.
    /// </summary>
    private static V1PodDisruptionBudget Build(App app, DesiredProcess process) =>
        new()
        {
            ApiVersion = "policy/v1",
            Kind = "PodDisruptionBudget",
            Metadata = new()
            {
                Name = AppNames.HeadlessService(app.Metadata.Name, process.Type),
                NamespaceProperty = app.Metadata.NamespaceProperty,
                Labels = ChildLabels.OfProcess(app, process.Type),
                OwnerReferences = [Owners.ReferenceTo(app)],
            },
            Spec = new()
            {
                MinAvailable = Math.Max(1, process.Quantity - 1),
                // A dyno that is not healthy does not delay the drain of its node.
                UnhealthyPodEvictionPolicy = "AlwaysAllow",
                Selector = new()
                {
                    MatchLabels = new Dictionary<string, string>(2)
                    {
                        [Labels.App] = app.Metadata.Name,
                        [Labels.ProcessType] = process.Type,
                    },
                },
            },
        };
}
