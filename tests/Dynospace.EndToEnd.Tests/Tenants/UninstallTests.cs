using System.Net;
using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Api.Egress;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Tenants;

/// <summary>What Helm creates before it uninstalls is refused as long as spaces leave by fixed IPs.</summary>
public sealed class UninstallTests(Platform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_hook_is_refused_as_long_as_a_space_has_fixed_IPs()
    {
        var hook = await ApplyAsync();
        var gateway = new EgressGateway
        {
            Metadata = new() { Name = platform.UniqueName() },
            Spec = new() { Namespace = "elsewhere" },
        };
        var name = ObjectKey.ClusterScoped(gateway.Metadata.Name);
        // It lacks the operator's labels, so the operator leaves it alone.
        (await platform.Api.CreateAsync(gateway, Token)).Require();

        // A real API server learns of policies and their parameters by watches of its own.
        var refused = await UntilAsync(hook, HttpStatusCode.Forbidden);
        Assert.Contains("has fixed IPs: delete it or take its fixed IPs", refused.Message, StringComparison.Ordinal);
        var other = hook.DeepClone().AsObject();
        other["metadata"]!["name"] = platform.UniqueName();
        other["metadata"]!["labels"] = null;
        (await CreateAsync(other)).Require();

        (await platform.Api.DeleteAsync(Kinds.EgressGateway, name, Token)).Require();
        await UntilAsync(hook, HttpStatusCode.Created);
    }

    private async Task<ApiAnswer> UntilAsync(JsonObject hook, HttpStatusCode expected)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(platform.Traits.Patience);
        while (true)
        {
            var answer = await CreateAsync(hook);
            if (answer.Code == HttpStatusCode.Created)
            {
                // As Helm does with a hook that succeeded.
                (await platform.Api.DeleteAsync(
                    Kinds.ConfigMap,
                    new ObjectKey(OperatorRights.Namespace, (string)hook["metadata"]!["name"]!), Token)).Require();
            }

            if (answer.Code == expected)
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }

    private Task<ApiAnswer> CreateAsync(JsonObject configMap) => platform.Api.SendAsync(
        HttpMethod.Post,
        Kinds.ConfigMap.CollectionPath(OperatorRights.Namespace),
        configMap,
        ApiClient.Json,
        ApiClient.Json,
        Token);

    /// <summary>The chart's policy and binding; the rest is what Helm creates.</summary>
    private async Task<JsonObject> ApplyAsync()
    {
        var text = (await File.ReadAllTextAsync(
                RepositoryFolder.Combine("charts", "dynospace", "templates", "uninstall.yaml"), Token))
            .Replace("{{ .Release.Namespace }}", OperatorRights.Namespace, StringComparison.Ordinal);
        var documents = YamlReader.ReadAll(text).Select(document => document.AsObject()).ToList();
        var hook = documents.Single(document => (string)document["kind"]! == V1ConfigMap.KubeKind);
        await TenantRules.ApplyAsync(platform.Api, documents.Where(document => document != hook), Token);
        return hook;
    }
}
