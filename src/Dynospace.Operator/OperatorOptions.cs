using Dynospace.Planning.Options;
using k8s;

namespace Dynospace.Operator;

/// <summary>How one operator process runs. <see cref="Platform"/> is what it decides by.</summary>
public sealed record OperatorOptions
{
    /// <summary>How to reach the API server.</summary>
    public required KubernetesClientConfiguration Client { get; init; }

    /// <summary>What the platform team decides for the whole cluster.</summary>
    public PlatformOptions Platform { get; init; } = new();

    /// <summary>
    /// Whether several replicas share the work by a Lease. A process that runs alone saves the lease's writes.
    /// </summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>This process among its replicas: the pod's name in a cluster.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>Where <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c> answer; null for nowhere.</summary>
    public int? HealthPort { get; init; } = 8080;
}
