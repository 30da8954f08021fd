using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Support;

/// <summary>The chart's roles and admission policies for tenants, which are plain YAML.</summary>
internal static class TenantRules
{
    public static async Task ApplyAsync(ApiClient api, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.GetFiles(RepositoryFolder.Combine("charts", "dynospace", "templates", "tenants"))
            .Order(StringComparer.Ordinal))
        {
            await ApplyAsync(
                api,
                YamlReader.ReadAll(await File.ReadAllTextAsync(file, cancellationToken))
                    .Select(document => document.AsObject()),
                cancellationToken);
        }
    }

    /// <summary>Applies roles and admission policies that stand elsewhere in the chart.</summary>
    public static async Task ApplyAsync(
        ApiClient api, IEnumerable<JsonObject> rules, CancellationToken cancellationToken)
    {
        foreach (var rule in rules)
        {
            (await api.ApplyAsync(KindOf(rule), rule, cancellationToken)).Require();
        }
    }

    private static ResourceKind KindOf(JsonObject rule) => (string)rule["kind"]! switch
    {
        V1ClusterRole.KubeKind => Kinds.ClusterRole,
        V1ValidatingAdmissionPolicy.KubeKind => ResourceKind.For<V1ValidatingAdmissionPolicy>(isNamespaced: false),
        V1ValidatingAdmissionPolicyBinding.KubeKind =>
            ResourceKind.For<V1ValidatingAdmissionPolicyBinding>(isNamespaced: false),
        var kind => throw new InvalidOperationException($"The chart's rules for tenants hold a {kind}."),
    };
}
