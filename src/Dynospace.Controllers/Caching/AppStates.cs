using System.Text.Json;
using Dynospace.Api;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// What is kept of a PodDisruptionBudget: the content of the operator's own, and which pods one without an owner is
/// for.
/// </summary>
public sealed record BudgetState(LiveObject Live, V1LabelSelector? Selector)
{
    public static BudgetState Decode(JsonElement budget)
    {
        var live = ManagedObjects.Decode(Kinds.DisruptionBudget, budget);

        // A copy of the operator's own has its labels too, but no owner.
        if (live.ControllerUid is not null)
        {
            return new(live, null);
        }

        var selector = JsonMembers.Member(JsonMembers.Member(budget, "spec"), "selector");
        return new(
            live,
            selector.ValueKind == JsonValueKind.Object ? JsonObjects.To<V1LabelSelector>(selector) : null);
    }
}

/// <summary>What is kept of an endpoint slice of an app's web Service: how many endpoints are ready.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="App">The app.</param>
/// <param name="Ready">How many of its addresses take requests.</param>
public sealed record WebEndpoints(string Namespace, string App, int Ready)
{
    /// <summary>
    /// Slices carry the labels of their Service, and of an app's Services only that of its web dynos has this one.
    /// </summary>
    public const string Selector = $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.App},{Labels.Routing}";

    public static WebEndpoints Decode(JsonElement slice)
    {
        var metadata = JsonMembers.Member(slice, "metadata");
        return new(
            JsonMembers.Text(metadata, "namespace") ?? "",
            JsonMembers.Text(JsonMembers.Member(metadata, "labels"), Labels.App) ?? "",
            JsonMembers.Items(slice, "endpoints").Count(IsReady));
    }

    /// <summary>An unknown state counts as ready, as the API defines it.</summary>
    private static bool IsReady(JsonElement endpoint) =>
        JsonMembers.Member(JsonMembers.Member(endpoint, "conditions"), "ready").ValueKind != JsonValueKind.False;
}
