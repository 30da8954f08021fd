namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>For nodes that run nothing and go by the image's name; the commands are for show.</summary>
internal sealed class SimulatedWorkloads : IWorkloads
{
    public Workload Runs => new("registry.example/shop:1", "bin/run");

    public Workload RunsToo => new("registry.example/shop:2", "bin/run");

    public Workload Stubborn => new("simulate/keeps-running+never-terminates", "bin/run");

    public Workload Missing => new("simulate/image-pull-error", "bin/run");

    public Workload Serves(int? shellPort, params (string Protocol, int Number)[] ports) =>
        new("simulate/keeps-running", "bin/serve");

    public Workload Exits(int code) => new($"simulate/exit:{code}", "bin/exit", $"{code}");
}
