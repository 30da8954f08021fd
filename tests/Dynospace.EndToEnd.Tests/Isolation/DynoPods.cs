using Dynospace.Api;
using Dynospace.EndToEnd.Tests.Client;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>Finds the pods of dynos as they run.</summary>
internal static class DynoPods
{
    public static V1Pod? Of(ClusterState state, string space, string dyno) => Running(state, space, Labels.Dyno, dyno);

    public static V1Pod? OfType(ClusterState state, string space, string processType) =>
        Running(state, space, Labels.ProcessType, processType);

    /// <summary>The pod, if it has an address and is ready.</summary>
    public static V1Pod? Running(SeenObject? pod) =>
        pod is { IsTerminating: false }
        && (string?)pod.Content["status"]?["podIP"] is not null
        && pod.Condition("Ready")?.Status == "True" ? pod.As<V1Pod>() : null;

    private static V1Pod? Running(ClusterState state, string space, string label, string value) =>
        state.Of(Kinds.Pod, space)
            .Where(pod => pod.Label(label) == value)
            .Select(Running)
            .OfType<V1Pod>()
            .FirstOrDefault();
}
