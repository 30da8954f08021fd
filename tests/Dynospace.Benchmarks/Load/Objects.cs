using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using k8s.Models;

namespace Dynospace.Benchmarks.Load;

/// <summary>The objects of the load.</summary>
internal static class Objects
{
    public const string ProcessType = "web";

    public static V1Namespace Namespace(string name) => new() { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = name } };

    public static Space Space(string name) => new() { Metadata = new() { Name = name }, Spec = new() { Runtime = SpaceRuntime.Private, Region = "local" } };

    public static App App(string space, string name, int dynos) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = space },
        Spec = new()
        {
            Image = "registry.example/app:1",
            Config = new Dictionary<string, string> { ["LOG_LEVEL"] = "info" },
            Processes = [new ProcessSpec { Type = ProcessType, Quantity = dynos }],
        },
    };

    /// <summary>A pod like those of dynos, given to a scheduler that does not exist: what follows a write is not the writer's doing.</summary>
    public static V1Pod RawPod(V1Pod example, string ns, int number)
    {
        var pod = k8s.KubernetesJson.Deserialize<V1Pod>(k8s.KubernetesJson.Serialize(example));
        pod.Metadata = new()
        {
            Name = $"raw-{number}",
            NamespaceProperty = ns,
            Labels = example.Metadata.Labels,
            Annotations = example.Metadata.Annotations,
        };
        pod.Spec.NodeName = null;
        pod.Spec.SchedulerName = "nobody";
        pod.Status = null;
        return pod;
    }
}
