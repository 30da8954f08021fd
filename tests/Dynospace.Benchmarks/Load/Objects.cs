using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using k8s.Models;

namespace Dynospace.Benchmarks.Load;

/// <summary>The objects of the load.</summary>
internal static class Objects
{
    public const string ProcessType = "web";

    public static V1Namespace Namespace(string name) =>
        new() { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = name } };

    public static Space Space(string name) =>
        new() { Metadata = new() { Name = name }, Spec = new() { Runtime = SpaceRuntime.Private, Region = "local" } };

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
}
