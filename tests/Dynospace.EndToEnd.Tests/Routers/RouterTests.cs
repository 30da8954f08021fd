using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Routers;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>The routers that spaces get, and what apps show of their routes.</summary>
public sealed class RouterTests(Platform platform)
{
    private const string System = "dynospace-system";

    [Fact]
    public async Task A_private_space_has_a_router_and_says_where()
    {
        RequireRouters();
        await using var space = platform.NewSpace();

        var ready = await space.StartAsync(SpaceRuntime.Private);

        Assert.True(ready.Has(ConditionTypes.RouterReady));
        Assert.NotNull((string?)ready.Content["status"]!["router"]!["publicAddress"]);
        Assert.Null(ready.Content["status"]!["router"]!["internalAddress"]);
        Assert.NotNull(platform.View.Now.Find(Kinds.Deployment, Part(space, RouterListener.Public)));
        Assert.NotNull(platform.View.Now.Find(Kinds.Policy, Part(space, RouterListener.Public)));
    }

    [Fact]
    public async Task An_internal_router_comes_and_goes_with_the_apps_that_need_it()
    {
        RequireRouters();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);

        await space.CreateAppAsync("orders", app => app.InternalRouting = true, ("web", 1));
        await space.UntilAsync(
            "the internal router has an address",
            state => state.Find(Kinds.Space, space.Key)?.Content["status"]!["router"]!["internalAddress"]);
        await space.DeleteAsync(Kinds.App, space.In("orders"));

        await space.GoneAsync(Kinds.Deployment, Part(space, RouterListener.Internal));
        await space.GoneAsync(Kinds.Service, Part(space, RouterListener.Internal));
        await space.GoneAsync(Kinds.Policy, Part(space, RouterListener.Internal));
        await space.ReadyAsync(Kinds.Space, space.Key);
    }

    [Fact]
    public async Task Common_spaces_share_a_router()
    {
        RequireRouters();
        await using var space = platform.NewSpace();

        var ready = await space.StartAsync(SpaceRuntime.Common);

        Assert.Contains(
            "shared router-public", ready.Condition(ConditionTypes.RouterReady)!.Message, StringComparison.Ordinal);
        Assert.Null(platform.View.Now.Find(Kinds.Deployment, Part(space, RouterListener.Public)));
    }

    [Fact]
    public async Task Trusted_ranges_reach_the_service_and_the_policy()
    {
        RequireRouters();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);

        await TrustAsync(space, "198.51.100.0/24");
        await RangesAsync(space, "198.51.100.0/24", "198.51.100.0/24");
        await TrustAsync(space);
        await RangesAsync(space, "255.255.255.255/32", "");
    }

    /// <summary>
    /// Of two that were created in the same second the uid decides, so that the test cannot know which is the loser.
    /// </summary>
    [Fact]
    public async Task A_domain_is_one_apps_until_that_goes()
    {
        await using var space = platform.NewSpace();
        var domain = $"shop.{space.Name}.example.com";
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("first", app => app.Domains = [domain], ("web", 1));
        await space.CreateAppAsync("second", app => app.Domains = [domain], ("web", 1));

        var loser = await space.UntilAsync("one of them lost the domain and the other has it", state =>
        {
            var apps = new[] { "first", "second" }.Select(app => state.Find(Kinds.App, space.In(app)))
                .OfType<SeenObject>()
                .ToList();
            return apps.Count == 2 && apps.Exists(app => Has(app, domain))
                ? apps.Find(app => app.Condition(ConditionTypes.Routed)?.Reason == Reasons.DomainTaken
                    && !Has(app, domain))
                : null;
        });
        await space.EventAsync(Kinds.App, loser.Key, Reasons.DomainTaken);

        await space.DeleteAsync(Kinds.App, space.In(loser.Name == "first" ? "second" : "first"));
        await space.UntilAsync(
            "the other has it",
            state => state.Find(Kinds.App, loser.Key) is { } app && Has(app, domain) && app.Has(ConditionTypes.Ready)
                ? app
                : null);
    }

    [Fact]
    public async Task A_certificate_is_waited_for_and_heals()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync(
            "shop", app => app.Tls = new() { Secrets = [new() { Name = "shop-tls" }] }, ("web", 1));
        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Routed, "False", Reasons.SecretNotFound);

        await space.SetSecretAsync("shop-tls", "tls.crt", "none");

        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Routed, "False", Reasons.SecretNotTls);
    }

    [Fact]
    public async Task Routers_go_before_the_policies_of_the_space()
    {
        RequireRouters();
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        var router = Part(space, RouterListener.Public);

        await space.DeleteAsync(Kinds.Space, space.Key);
        await space.GoneAsync(Kinds.Deployment, router);
        await space.GoneAsync(Kinds.Space, space.Key);

        Assert.Null(platform.View.Now.Find(Kinds.Service, router));
        Assert.Null(platform.View.Now.Find(Kinds.Policy, router));
        Assert.DoesNotContain(platform.View.Now.Of(Kinds.Pod, System), pod => pod.Label(Labels.Space) == space.Name);
    }

    [Fact]
    public async Task What_another_field_manager_adds_to_a_router_is_removed_also_when_it_comes_back_at_once()
    {
        RequireRouters();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        var router = Part(space, RouterListener.Public);

        for (var i = 0; i < 2; i++)
        {
            (await platform.Api.ApplyAsync(
                Kinds.Deployment, WithVariable(router), TestContext.Current.CancellationToken)).Require();
            await space.UntilAsync(
                $"the variable is gone, time {i + 1}",
                state => state.Find(Kinds.Deployment, router) is { } deployment
                    && !deployment.Content.ToJsonString().Contains("ADDED_BY_HAND", StringComparison.Ordinal)
                    ? deployment
                    : null);
        }
    }

    private static JsonObject WithVariable(ObjectKey router) => JsonNode.Parse(
        $$$$"""
        {
          "apiVersion": "apps/v1", "kind": "Deployment",
          "metadata": {"name": "{{{{router.Name}}}}", "namespace": "{{{{router.Namespace}}}}"},
          "spec": {"template": {"spec": {"containers": [
            {"name": "router", "env": [{"name": "ADDED_BY_HAND", "value": "1"}]}]}}}
        }
        """)!.AsObject();

    [Fact]
    public async Task A_change_of_a_router_by_hand_is_put_right()
    {
        RequireRouters();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        var router = Part(space, RouterListener.Public);

        await space.PatchAsync(
            Kinds.Policy,
            router,
            new() { ["spec"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject()) } });
        await space.UntilAsync(
            "the policy is as it was",
            state => state.Find(Kinds.Policy, router)?.Content["spec"]!["ingress"]![0]!["from"]);
        var before = platform.View.Now.Find(Kinds.Service, router)!.Uid;
        await space.DeleteAsync(Kinds.Service, router);

        await space.UntilAsync(
            "the Service is made again",
            state => state.Find(Kinds.Service, router) is { } made && made.Uid != before ? made : null);
        await space.ReadyAsync(Kinds.Space, space.Key);
    }

    private static bool Has(SeenObject app, string domain) =>
        (app.Content["status"]?["hosts"] as JsonArray ?? []).Any(host => (string)host! == domain);

    private void RequireRouters() =>
        Assert.SkipUnless(platform.Traits.RunsRouters, $"{platform.Traits.Name} runs no routers.");

    private static ObjectKey Part(TestSpace space, RouterListener listener) =>
        new(System, new RouterIdentity(listener, space.Name).Name);

    private static Task TrustAsync(TestSpace space, params string[] ranges) => space.PatchAsync(
        Kinds.Space,
        space.Key,
        new()
        {
            ["spec"] = new JsonObject
            {
                ["trustedIPRanges"] = new JsonArray([.. ranges.Select(range => JsonValue.Create(range))]),
            },
        });

    /// <summary>
    /// The load balancer admits the cluster's networks too where nodes hold what pods send against its list, and nobody
    /// of a family that the space names no range of.
    /// </summary>
    private async Task RangesAsync(TestSpace space, string service, string policy)
    {
        const string nobodyV6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128";
        var networks = policy.Length == 0 ? CidrSet.Empty : await NetworksAsync();
        var router = Part(space, RouterListener.Public);
        await space.UntilAsync($"the router admits {service}", state =>
        {
            var sources = state.Find(Kinds.Service, router)?.Content["spec"]!["loadBalancerSourceRanges"] as JsonArray;
            var others = (sources ?? []).Select(source => (string)source!)
                .Where(source => source != nobodyV6 && !networks.Contains(AddressRange.Parse(source)));
            var peers = (state.Find(Kinds.Policy, router)?.Content["spec"]!["ingress"] as JsonArray ?? [])
                .Where(rule => !IsForLines(rule!))
                .SelectMany(rule => rule!["from"]!.AsArray())
                .Select(peer => (string?)peer!["ipBlock"]?["cidr"])
                .OfType<string>();
            return others.SequenceEqual([service]) && string.Join(',', peers) == policy ? state : null;
        });
    }

    /// <summary>Whether a rule is about the port at which people read lines, which asks them for a token.</summary>
    private static bool IsForLines(JsonNode rule) =>
        rule["ports"]?.AsArray() is [{ } only] && (int)only["port"]! == RouterPorts.Lines;

    /// <summary>The pods' networks, and that of Services, which the operator learns from their addresses.</summary>
    private async Task<CidrSet> NetworksAsync()
    {
        var nodes = await platform.Api.ListAsync<V1Node>(Kinds.Node, TestContext.Current.CancellationToken);
        var server = platform.View.Now.Find(Kinds.Service, new("default", "kubernetes"))!;
        var address = (string)server.Content["spec"]!["clusterIP"]!;
        Assert.True(AddressRange.TryParseMasked($"{address}/16", out var services, out var problem), problem);
        return CidrSet.FromRanges(
            nodes.SelectMany(node => node.Spec.PodCIDRs ?? []).Select(AddressRange.Parse).Append(services));
    }
}
