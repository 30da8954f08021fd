using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Spaces;

/// <summary>What a Space becomes.</summary>
public sealed class SpaceTests(Platform platform)
{
    private static readonly string[] CommonPolicies = ["canary", "default-deny", "dns", "internet", "router-to-web"];

    private static readonly string[] PrivatePolicies =
        [
            "canary",
            "default-deny",
            "dns",
            "internal-router",
            "internal-router-to-web",
            "internet",
            "router-to-web",
            "space-network",
            "space-network-out",
        ];

    /// <summary>Dynos call the routers that the operator makes.</summary>
    private IEnumerable<string> WithRouters(IEnumerable<string> policies) => platform.Traits.RunsRouters
        ? policies.Append("public-routers").Order(StringComparer.Ordinal)
        : policies;

    [Fact]
    public async Task A_common_space_becomes_a_namespace_with_the_constant_set_of_policies()
    {
        await using var space = platform.NewSpace();

        await space.StartAsync(SpaceRuntime.Common);

        Assert.Equal(WithRouters(CommonPolicies), space.Now(Kinds.Policy).Select(policy => policy.Name));
        Assert.Empty(space.Now(Kinds.Pod));
        Assert.Empty(space.Now(Kinds.Service));
    }

    [Fact]
    public async Task A_private_space_becomes_a_namespace_with_the_constant_set_of_policies()
    {
        await using var space = platform.NewSpace();

        await space.StartAsync(SpaceRuntime.Private);

        Assert.Equal(WithRouters(PrivatePolicies), space.Now(Kinds.Policy).Select(policy => policy.Name));
    }

    [Fact]
    public async Task Peer_networks_and_data_services_add_policies_and_take_them_away_again()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec =>
        {
            spec.PeerNetworks = [new() { Name = "hq", Via = PeerConnection.VPN, Cidrs = ["10.40.0.0/16"] }];
            spec.DataServices = [new() { Name = "warehouse", Cidrs = ["10.60.0.4/32"], Ports = [5432] }];
        });
        Assert.Equal(
            WithRouters(PrivatePolicies).Append("peer-networks").Append("data-services").Order(StringComparer.Ordinal),
            space.Now(Kinds.Policy).Select(policy => policy.Name));

        await space.PatchAsync(
            Kinds.Space,
            space.Key,
            new JsonObject { ["spec"] = new JsonObject { ["peerNetworks"] = null, ["dataServices"] = null } });
        await space.ReadyAsync(Kinds.Space, space.Key);

        Assert.Equal(WithRouters(PrivatePolicies), space.Now(Kinds.Policy).Select(policy => policy.Name));
    }

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public async Task The_namespace_says_whose_it_is_and_enforces_pod_security(SpaceRuntime runtime)
    {
        await using var space = platform.NewSpace();

        var made = await space.StartAsync(runtime);

        var ns = platform.View.Now.Find(Kinds.Namespace, space.Key)!;
        Assert.Equal(space.Name, ns.Label(Labels.Space));
        Assert.Equal(runtime.ToString(), ns.Label(Labels.Runtime));
        Assert.Equal(Labels.ManagedByValue, ns.Label(Labels.ManagedBy));
        Assert.Equal("restricted", ns.Label("pod-security.kubernetes.io/enforce"));
        Assert.Equal(made.Uid, ns.Annotation(Annotations.SpaceUid));
        var refused = await platform.Api.CreateAsync(PrivilegedPod(space.Name), TestContext.Current.CancellationToken);
        Assert.Equal("Forbidden", refused.Reason);
        Assert.Contains("violates PodSecurity \"restricted:latest\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_policy_is_there_before_the_first_pod()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);

        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");

        var history = platform.View.HistoryOf(space.Name)
            .Where(change => change.Type == ChangeType.Added)
            .Select(change => change.Object)
            .ToList();
        var firstPod = history.First(seen => seen.Kind == Kinds.Pod).Version;
        Assert.Equal("default-deny", history.First(seen => seen.Kind == Kinds.Policy).Name);
        Assert.All(
            history.Where(seen => seen.Kind == Kinds.Policy),
            policy => Assert.True(policy.Version < firstPod, policy.Name));
    }

    [Fact]
    public async Task Status_is_what_flux_argo_and_kubectl_wait_understand()
    {
        await using var space = platform.NewSpace();

        var ready = await space.StartAsync(SpaceRuntime.Common);

        Assert.Equal(ready.Generation, (long?)ready.Content["status"]!["observedGeneration"]);
        Assert.Null(ready.Condition(ConditionTypes.Reconciling));
        Assert.Null(ready.Condition(ConditionTypes.Stalled));
        Assert.All(
            [ConditionTypes.NamespaceReady, ConditionTypes.NetworkIsolated],
            type => Assert.True(ready.Has(type), $"{ready.Condition(type)}"));
        var verified = ready.Condition(ConditionTypes.IsolationVerified)!;
        Assert.Equal("Unknown", verified.Status);
        Assert.Equal(platform.Traits.IsSimulated ? Reasons.Simulated : Reasons.NotVerified, verified.Reason);

        await space.PatchAsync(
            Kinds.Space,
            space.Key,
            new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["team"] = "a" } } });
        Assert.Equal(ready.Generation, (await space.ReadyAsync(Kinds.Space, space.Key)).Generation);
    }

    [Fact]
    public async Task A_region_that_no_node_has_is_a_reason()
    {
        Assert.SkipWhen(platform.Traits.Region is null, "The nodes carry no region, so none is required.");
        await using var space = platform.NewSpace();

        await space.CreateAsync(SpaceRuntime.Common, spec => spec.Region = "atlantis");

        var ready =
            await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Ready, "False", Reasons.RegionNotFound);
        Assert.Contains("spec.region atlantis", ready.Message, StringComparison.Ordinal);
        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Stalled, "True", Reasons.RegionNotFound);
        await space.EventAsync(Kinds.Space, space.Key, Reasons.RegionNotFound);
    }

    [Fact]
    public async Task Counts_in_status_follow_apps_and_dynos()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("one", formation: [("web", 2), ("worker", 1)]);
        await space.CreateAppAsync("two", formation: ("web", 1));

        await space.UntilAsync(
            "two apps and four dynos", state => Counts(state) is { Apps: 2, Dynos: "4/4" } counts ? counts : null);

        await space.DeleteAsync(Kinds.App, space.In("two"));
        if (platform.Traits.CollectsGarbage)
        {
            await space.UntilAsync(
                "one app and three dynos", state => Counts(state) is { Apps: 1, Dynos: "3/3" } counts ? counts : null);
        }

        SpaceStatus? Counts(ClusterState state) => state.Find(Kinds.Space, space.Key)?.As<Space>().Status;
    }

    private static V1Pod PrivilegedPod(string ns) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new() { Name = "intruder", NamespaceProperty = ns },
        Spec = new()
        {
            Containers =
            [
                new() { Name = "it", Image = "registry.example/it:1", SecurityContext = new() { Privileged = true } },
            ],
        },
    };
}
