using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Tenants;

/// <summary>
/// A user of one space with the rights of the roles that are bound there, signed in by a token of its own.
/// </summary>
internal sealed class TenantAccount : IDisposable
{
    private TenantAccount(ApiClient api) => Api = api;

    public ApiClient Api { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TenantAccount> CreateAsync(
        Platform platform, TestSpace space, string name, params string[] roles)
    {
        (await platform.Api.CreateAsync(
            new V1ServiceAccount
            {
                ApiVersion = "v1",
                Kind = V1ServiceAccount.KubeKind,
                Metadata = new() { Name = name, NamespaceProperty = space.Name },
            },
            Token)).Require();
        foreach (var role in roles)
        {
            (await platform.Api.CreateAsync(Binding(space, $"{name}-{role}", role, name), Token)).Require();
        }

        var token = await AccountToken.OfAsync(platform.Api, space.In(name), Token);
        var account = new TenantAccount(
            new ApiClient(Kubeconfigs.As(Kubeconfigs.Read(platform.Cluster.Kubeconfig), token)));
        await account.UntilBoundAsync(space, platform.Traits.Patience);
        return account;
    }

    public static V1RoleBinding Binding(TestSpace space, string name, string role, string account) => new()
    {
        ApiVersion = "rbac.authorization.k8s.io/v1",
        Kind = V1RoleBinding.KubeKind,
        Metadata = new() { Name = name, NamespaceProperty = space.Name },
        RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = V1ClusterRole.KubeKind, Name = role },
        Subjects = [new() { Kind = V1ServiceAccount.KubeKind, Name = account, NamespaceProperty = space.Name }],
    };

    public void Dispose() => Api.Dispose();

    /// <summary>A real API server learns of a binding by a watch of its own; every role may read pods.</summary>
    private async Task UntilBoundAsync(TestSpace space, TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(patience);
        var pods = Kinds.Pod.CollectionPath(space.Name);
        while (!(await Api.SendAsync(
            HttpMethod.Get, pods, null, ApiClient.Json, ApiClient.Json, limit.Token)).IsSuccess)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }
}
