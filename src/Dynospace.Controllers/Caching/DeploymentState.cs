using System.Text.Json;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

/// <summary>What is kept of a router's Deployment: its content, and how many of its pods serve.</summary>
internal sealed record DeploymentState(LiveObject Live, int Wanted, int Available, string? Trouble)
{
    public static DeploymentState Decode(JsonElement element)
    {
        var deployment = JsonObjects.To<V1Deployment>(element);
        return new DeploymentState(
            LiveObject.Decode(Kinds.Deployment, element),
            deployment.Spec?.Replicas ?? 1,
            deployment.Status?.AvailableReplicas ?? 0,
            TroubleOf(deployment.Status?.Conditions ?? []));
    }

    private static string? TroubleOf(IEnumerable<V1DeploymentCondition> conditions) => conditions
        .FirstOrDefault(condition => condition is { Type: "ReplicaFailure", Status: "True" } or { Type: "Progressing", Status: "False" })?.Message;
}
