using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Support;

/// <summary>
/// The service account of the chart with the rights of the chart and no others. The operator of all tests runs as it,
/// so that a right which the chart forgets fails whatever test needs it.
/// </summary>
internal sealed class OperatorRights(string kubeconfig, string token)
{
    public const string Namespace = "dynospace-system";
    public const string Account = "dynospace-operator";

    private static readonly string[] Files = ["operator-roles.yaml", "operator-bindings.yaml"];

    /// <summary>What the chart adds where the cluster's own gateway brings the requests.</summary>
    private const string RouteFile = "operator-route-bindings.yaml";

    /// <summary>What the chart adds where the cluster's own egress gateway gives fixed IPs.</summary>
    private const string EgressFile = "operator-egress-bindings.yaml";

    /// <summary>
    /// Applies the chart's roles and bindings, which have no other template than the namespace, and signs in.
    /// </summary>
    /// <param name="makesRoutes">Whether the options are such that the chart binds the role for routes.</param>
    /// <param name="hasForeignEgress">The same for the role for the cluster's own egress gateway.</param>
    public static async Task<OperatorRights> GrantAsync(
        ApiClient api,
        string kubeconfig,
        bool makesRoutes,
        bool hasForeignEgress,
        CancellationToken cancellationToken)
    {
        string[] files =
        [
            .. Files, .. makesRoutes ? [RouteFile] : Array.Empty<string>(),
            .. hasForeignEgress ? [EgressFile] : Array.Empty<string>(),
        ];
        foreach (var granted in files.SelectMany(Read))
        {
            (await api.ApplyAsync(KindOf(granted), granted, cancellationToken)).Require();
        }

        return new OperatorRights(
            kubeconfig, await AccountToken.OfAsync(api, new ObjectKey(Namespace, Account), cancellationToken));
    }

    /// <summary>A client of the service account, to the server through a local port.</summary>
    public KubernetesClientConfiguration Through(int port) =>
        Kubeconfigs.As(Kubeconfigs.Through(kubeconfig, port), token);

    /// <summary>A client of the service account.</summary>
    public KubernetesClientConfiguration Directly() => Kubeconfigs.As(Kubeconfigs.Read(kubeconfig), token);

    private static IEnumerable<JsonObject> Read(string file)
    {
        var lines = File.ReadLines(RepositoryFolder.Combine("charts", "dynospace", "templates", file));
        var text = string.Join('\n', lines.Where(line => !line.StartsWith("{{-", StringComparison.Ordinal)));
        foreach (var found in YamlReader.ReadAll(
            text.Replace("{{ .Release.Namespace }}", Namespace, StringComparison.Ordinal)))
        {
            var granted = found.AsObject();
            if ((string?)granted["kind"] is V1Role.KubeKind)
            {
                granted["metadata"]!["namespace"] = Namespace;
            }

            yield return granted;
        }
    }

    private static ResourceKind KindOf(JsonObject granted) => (string)granted["kind"]! switch
    {
        V1ClusterRole.KubeKind => Kinds.ClusterRole,
        V1ClusterRoleBinding.KubeKind => ResourceKind.For<V1ClusterRoleBinding>(isNamespaced: false),
        V1Role.KubeKind => ResourceKind.For<V1Role>(),
        V1RoleBinding.KubeKind => Kinds.RoleBinding,
        V1ServiceAccount.KubeKind => Kinds.ServiceAccount,
        var kind => throw new InvalidOperationException($"The chart's rights hold a {kind}."),
    };
}
