using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>Where all is as it should be, the operator writes nothing, whatever wakes it.</summary>
[Collection(Alone.Name)]
public sealed class SteadyStateTests(Platform platform)
{
    private static readonly ResourceKind[] Kept =
    [
        Kinds.Space,
        Kinds.App,
        Kinds.Dyno,
        Kinds.Namespace,
        Kinds.Pod,
        Kinds.Service,
        Kinds.Policy,
        Kinds.Revision,
        Kinds.Budget,
    ];

    /// <summary>What routers are made of; some of it is in the system namespace, and some in none.</summary>
    private static readonly ResourceKind[] RouterParts =
    [
        Kinds.Deployment, Kinds.Service, Kinds.Policy, Kinds.ServiceAccount, Kinds.RoleBinding, Kinds.ClusterRole,
        Kinds.Budget,
        ResourceKind.For<V1Role>(),
        ResourceKind.For<V1ClusterRoleBinding>(isNamespaced: false),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_that_concerns_nothing_costs_no_write()
    {
        using var metrics = new OperatorMetrics();
        await using var space = await StartAsync();
        var touched = new[]
        {
            (Kinds.Space, space.Key),
            (Kinds.App, space.In("shop")),
            (Kinds.Dyno, space.In("shop.web.1")),
        };
        metrics.Forget();

        foreach (var (kind, key) in touched)
        {
            await space.PatchAsync(kind, key, Annotated("another", "was here"));
        }

        var before = await VersionsAsync(space);
        await metrics.ReconciledAsync(1, Token);
        await ComesToBeAsync();

        Assert.Equal(before, await VersionsAsync(space));
    }

    [Fact]
    public async Task A_restarted_operator_writes_nothing()
    {
        await using var space = await StartAsync();
        await platform.Operator.DisposeAsync();
        using var metrics = new OperatorMetrics();
        var before = await VersionsAsync(space);

        platform.StartOperator();
        await metrics.ReconciledAsync(1, Token);
        await ComesToBeAsync();

        Assert.Equal(before, await VersionsAsync(space));
    }

    /// <summary>
    /// A space with an app that is up, each of whose parts is reconciled after all that was queued before.
    /// </summary>
    private async Task ComesToBeAsync()
    {
        await using var last = platform.NewSpace();
        await last.StartAsync(SpaceRuntime.Common);
        await last.CreateAppAsync("last", null, ("worker", 1));
        await last.AppReadyAsync("last");
    }

    private async Task<TestSpace> StartAsync()
    {
        if (platform.Traits.CollectsGarbage)
        {
            await platform.View.UntilAsync(
                "the spaces of other tests are gone",
                "",
                state => state.Of(Kinds.Space, null).Any(seen => seen.IsTerminating) ? null : state,
                Token);
        }

        var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.SetSecretAsync("shop-secrets", "TOKEN", "here");
        await space.CreateAppAsync(
            "shop",
            app => app.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }],
            ("web", 3),
            ("worker", 2));
        await space.AppReadyAsync("shop");
        await space.UntilAsync(
            "the space counts them",
            state => (string?)state.Find(Kinds.Space, space.Key)!.Content["status"]!["dynos"] == "5/5" ? state : null);
        return space;
    }

    private async Task<SortedDictionary<string, long>> VersionsAsync(TestSpace space)
    {
        var seen = platform.View.Now.Belonging(space.Name).Where(seen => Kept.Contains(seen.Kind)).ToList();
        foreach (var kind in RouterParts)
        {
            var path = $"{kind.CollectionPath(null)}?labelSelector={Labels.Space}%3D{space.Name},{Labels.Component}";
            var list =
                (await platform.Api.SendAsync(
                    HttpMethod.Get, path, null, ApiClient.Json, ApiClient.Json, Token)).Require();
            var parts = list["items"]!.AsArray().Select(item => new SeenObject(kind, item!.AsObject())).ToList();
            Assert.True(parts.Count > 0 || !platform.Traits.RunsRouters, $"The space's router has no {kind.Kind}.");
            seen.AddRange(parts);
        }

        return new(
            seen.DistinctBy(one => one.ToString()).ToDictionary(one => one.ToString(), one => one.Version),
            StringComparer.Ordinal);
    }

    private static JsonObject Annotated(string name, string value) =>
        new()
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [$"example.com/{name}"] = value } },
        };
}
