using System.Net;
using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Api.Nodes;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Tenants;

/// <summary>An agent on a node that was broken into says nothing about other nodes.</summary>
public sealed class NodeAgentTests(Platform platform)
{
    private const string Account = "dynospace-node-agent";
    private const string Tie = "dynospace-egress-tie";

    private static readonly ResourceKind Leases = ResourceKind.For<V1Lease>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_writes_the_object_of_its_own_node_alone()
    {
        await ApplyAdmissionAsync();
        var own = (await platform.Api.ListAsync<V1Node>(Kinds.Node, Token))[0].Metadata.Name;
        var other = platform.UniqueName();
        await using var place = await AgentPlace.CreateAsync(platform, own);
        using var bound = await place.SignInAsync(isBound: true);
        using var loose = await place.SignInAsync(isBound: false);
        (await platform.Api.CreateAsync(Network(other), Token)).Require();
        await UntilRefusedAsync(() => WriteStatusAsync(bound, other), "its own node alone");

        (await bound.CreateAsync(Network(own), Token)).Require();
        (await WriteStatusAsync(bound, own)).Require();
        AssertForbidden(await WriteStatusAsync(bound, other));
        AssertForbidden(await bound.DeleteAsync(Kinds.NodeNetwork, ObjectKey.ClusterScoped(other), Token));
        AssertForbidden(await bound.CreateAsync(Network(platform.UniqueName()), Token));

        // Without a pod nobody knows the node: a token that was asked for by hand writes nothing.
        AssertForbidden(await WriteStatusAsync(loose, own));
        AssertForbidden(await loose.DeleteAsync(Kinds.NodeNetwork, ObjectKey.ClusterScoped(own), Token));

        (await bound.DeleteAsync(Kinds.NodeNetwork, ObjectKey.ClusterScoped(own), Token)).Require();
        (await platform.Api.DeleteAsync(Kinds.NodeNetwork, ObjectKey.ClusterScoped(other), Token)).Require();
    }

    [Fact]
    public async Task An_agent_holds_the_lease_of_a_tie_for_its_own_node_alone()
    {
        await ApplyAdmissionAsync();
        var own = (await platform.Api.ListAsync<V1Node>(Kinds.Node, Token))[0].Metadata.Name;
        await using var place = await AgentPlace.CreateAsync(platform, own);
        using var agent = await place.SignInAsync(isBound: true);
        var other = await UntilRefusedAsync(
            () => CreateAsync("another", own), "the only Lease that a node agent writes");
        Assert.Equal(HttpStatusCode.Forbidden, other.Code);
        AssertOwn(await CreateAsync(Tie, "another-node"));
        (await CreateAsync(Tie, own)).Require();
        AssertOwn(await HoldAsync(agent, "another-node"));
        (await HoldAsync(agent, null)).Require();
        (await HoldAsync(agent, own)).Require();
        (await HoldAsync(platform.Api, "another-node")).Require();
        AssertOwn(await HoldAsync(agent, null));
        // The policy does not check how long the agent has waited before it takes the Lease over.
        (await HoldAsync(agent, own)).Require();

        static void AssertOwn(ApiAnswer answer)
        {
            Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
            Assert.Contains("holds the Lease for its own node alone", answer.Message, StringComparison.Ordinal);
        }

        Task<ApiAnswer> CreateAsync(string name, string holder) => agent.SendAsync(
            HttpMethod.Post,
            Leases.CollectionPath(place.Name),
            new JsonObject
            {
                ["apiVersion"] = "coordination.k8s.io/v1",
                ["kind"] = "Lease",
                ["metadata"] = new JsonObject { ["name"] = name },
                ["spec"] = new JsonObject { ["holderIdentity"] = holder },
            },
            ApiClient.Json,
            ApiClient.Json,
            Token);

        Task<ApiAnswer> HoldAsync(ApiClient api, string? holder) => api.SendAsync(
            HttpMethod.Patch,
            Leases.ObjectPath(new ObjectKey(place.Name, Tie)),
            new JsonObject { ["spec"] = new JsonObject { ["holderIdentity"] = holder } },
            ApiClient.MergePatch,
            ApiClient.Json,
            Token);
    }

    private static NodeNetwork Network(string name) => new() { Metadata = new() { Name = name } };

    private static Task<ApiAnswer> WriteStatusAsync(ApiClient api, string name) => api.SendAsync(
        HttpMethod.Patch,
        Kinds.NodeNetwork.ObjectPath(ObjectKey.ClusterScoped(name), "status"),
        new JsonObject { ["status"] = new JsonObject { ["parts"] = Guid.NewGuid().ToString() } },
        ApiClient.MergePatch,
        ApiClient.Json,
        Token);

    private static void AssertForbidden(ApiAnswer answer)
    {
        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
        Assert.Contains(
            "the node agent writes the NodeNetwork of its own node alone", answer.Message, StringComparison.Ordinal);
    }

    /// <summary>A real API server learns of policies and rights by watches of its own.</summary>
    private async Task<ApiAnswer> UntilRefusedAsync(Func<Task<ApiAnswer>> write, string why)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(platform.Traits.Patience);
        while (true)
        {
            var answer = await write();
            if (answer.Message?.Contains(why, StringComparison.Ordinal) == true)
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }

    /// <summary>The chart's policy, which has no templates but the switch of the agent.</summary>
    private async Task ApplyAdmissionAsync()
    {
        var lines = await File.ReadAllLinesAsync(
            RepositoryFolder.Combine("charts", "dynospace", "templates", "node-agent-admission.yaml"), Token);
        var text = string.Join('\n', lines.Where(line => !line.StartsWith("{{", StringComparison.Ordinal)));
        await TenantRules.ApplyAsync(
            platform.Api, YamlReader.ReadAll(text).Select(document => document.AsObject()), Token);
    }

    /// <summary>A namespace with the agent's account, its rights on NodeNetworks, and its pod on a node.</summary>
    private sealed class AgentPlace(Platform platform, string name) : IAsyncDisposable
    {
        private const string Pod = "agent";

        public string Name => name;

        public static async Task<AgentPlace> CreateAsync(Platform platform, string node)
        {
            var place = new AgentPlace(platform, platform.UniqueName());
            await place.FillAsync(node);
            return place;
        }

        public async Task<ApiClient> SignInAsync(bool isBound)
        {
            var spec = new JsonObject { ["expirationSeconds"] = 3600 };
            if (isBound)
            {
                spec["boundObjectRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = Pod };
            }

            var answer = await platform.Api.SendAsync(
                HttpMethod.Post,
                Kinds.ServiceAccount.ObjectPath(new ObjectKey(name, Account), "token"),
                new JsonObject
                {
                    ["apiVersion"] = "authentication.k8s.io/v1",
                    ["kind"] = "TokenRequest",
                    ["spec"] = spec,
                },
                ApiClient.Json,
                ApiClient.Json,
                Token);
            return new ApiClient(Kubeconfigs.As(
                Kubeconfigs.Read(platform.Cluster.Kubeconfig), (string)answer.Require()["status"]!["token"]!));
        }

        public async ValueTask DisposeAsync()
        {
            await platform.Api.DeleteAsync(
                ResourceKind.For<V1ClusterRoleBinding>(), ObjectKey.ClusterScoped(name), Token);
            await platform.Api.DeleteAsync(Kinds.ClusterRole, ObjectKey.ClusterScoped(name), Token);
            await platform.Api.DeleteAsync(Kinds.Namespace, ObjectKey.ClusterScoped(name), Token);
        }

        private async Task FillAsync(string node)
        {
            (await platform.Api.CreateAsync(
                new V1Namespace { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = name } }, Token))
                .Require();
            (await platform.Api.CreateAsync(
                new V1ServiceAccount
                {
                    ApiVersion = "v1",
                    Kind = V1ServiceAccount.KubeKind,
                    Metadata = new() { Name = Account, NamespaceProperty = name },
                },
                Token)).Require();
            (await platform.Api.CreateAsync(
                new V1ClusterRole
                {
                    ApiVersion = "rbac.authorization.k8s.io/v1",
                    Kind = V1ClusterRole.KubeKind,
                    Metadata = new() { Name = name },
                    Rules =
                    [
                        new()
                        {
                            ApiGroups = ["dynospace.dev"],
                            Resources = ["nodenetworks", "nodenetworks/status"],
                            Verbs = ["create", "delete", "patch"],
                        },
                        new()
                        {
                            ApiGroups = ["coordination.k8s.io"],
                            Resources = ["leases"],
                            Verbs = ["create", "patch"],
                        },
                    ],
                },
                Token)).Require();
            (await platform.Api.CreateAsync(
                new V1ClusterRoleBinding
                {
                    ApiVersion = "rbac.authorization.k8s.io/v1",
                    Kind = V1ClusterRoleBinding.KubeKind,
                    Metadata = new() { Name = name },
                    RoleRef = new()
                    {
                        ApiGroup = "rbac.authorization.k8s.io",
                        Kind = V1ClusterRole.KubeKind,
                        Name = name,
                    },
                    Subjects =
                        [new() { Kind = V1ServiceAccount.KubeKind, Name = Account, NamespaceProperty = name }],
                },
                Token)).Require();
            var pod = RestrictedPod.Of(new ObjectKey(name, Pod), "registry.example/agent:1");
            pod.Spec.ServiceAccountName = Account;
            pod.Spec.NodeName = node;
            (await platform.Api.CreateAsync(pod, Token)).Require();
        }
    }
}
