using Dynospace.Hosting.Options;
using k8s;
using k8s.Exceptions;

namespace Dynospace.Hosting;

/// <summary>How a program reaches the API server.</summary>
/// <param name="Kubeconfig">The file; null for the service account in a pod, else <c>~/.kube/config</c>.</param>
/// <param name="Context">The context of the file; null for its current one.</param>
public sealed record ClusterConnection(string? Kubeconfig = null, string? Context = null)
{
    /// <summary>The rows that every program has.</summary>
    public static IReadOnlyList<OptionDefinition<ClusterConnection>> Definitions { get; } =
    [
        OptionTable.Option(
            "kubeconfig", OptionFormats.TextOrNone("FILE"),
            (ClusterConnection connection) => connection.Kubeconfig,
            (connection, file) => connection with { Kubeconfig = file },
            "the kubeconfig that says how to reach the API server",
            "in a pod its service account, else `~/.kube/config`"),
        OptionTable.Option(
            "context", OptionFormats.TextOrNone("NAME"),
            (ClusterConnection connection) => connection.Context,
            (connection, context) => connection with { Context = context },
            "the context of the kubeconfig", "the current one"),
    ];

    /// <summary>Whether the process runs in a pod of the cluster that it serves.</summary>
    public bool IsInCluster => Kubeconfig is null && KubernetesClientConfiguration.IsInCluster();

    /// <summary>Reads the credentials.</summary>
    /// <exception cref="OptionException">The kubeconfig cannot be used.</exception>
    public KubernetesClientConfiguration Configure()
    {
        try
        {
            return IsInCluster
                ? KubernetesClientConfiguration.InClusterConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig, Context);
        }
        catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException)
        {
            throw new OptionException($"kubeconfig: {e.Message.TrimEnd('.')}. Give --kubeconfig FILE, or run in a cluster.");
        }
    }
}
