using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Routers;

/// <summary>The way of dynos to the public hosts of apps: which policies open it, and where it stays closed.</summary>
public sealed class DynoAccessTests
{
    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void Dynos_of_every_space_reach_the_public_routers_that_judge_callers(SpaceRuntime runtime)
    {
        var rule = Assert.Single(Assert.IsType<V1NetworkPolicy>(PolicyOf(Sample.Space(runtime))).Spec.Egress);

        Assert.Equal(["8080", "8443"], rule.Ports.Select(port => port.Port!.Value));
        Assert.Equal(
            "dynospace.dev/callers=judged,dynospace.dev/component=router-public",
            string.Join(
                ',', Assert.Single(rule.To).PodSelector.MatchLabels.Select(label => $"{label.Key}={label.Value}")));
    }

    /// <summary>The pods of an earlier router judge by ranges alone, so no dyno may reach them.</summary>
    [Fact]
    public void Pods_of_routers_bear_the_label_and_their_selectors_do_not()
    {
        var deployment = Plan(Private("198.51.100.0/24")).Children.All<V1Deployment>().Single();

        Assert.Equal("judged", deployment.Spec.Template.Metadata.Labels[Labels.Callers]);
        Assert.DoesNotContain(Labels.Callers, deployment.Spec.Selector.MatchLabels.Keys);
    }

    public static TheoryData<string, EgressRule[], string?> Narrowings => new()
    {
        { "one network", [new() { Cidr = "203.0.113.0/24" }], null },
        { "the internet", [new() { Cidr = "0.0.0.0/0" }], "8080,8443" },
        { "HTTPS alone", [new() { Cidr = "::/0", Port = 443, Protocol = NetworkProtocol.TCP }], "8443" },
        { "a range of ports", [new() { Cidr = "0.0.0.0/0", Port = 1, EndPort = 80 }], "8080" },
        { "UDP", [new() { Cidr = "0.0.0.0/0", Protocol = NetworkProtocol.UDP }], null },
        { "half of the internet", [new() { Cidr = "128.0.0.0/1" }], null },
    };

    [Theory]
    [MemberData(nameof(Narrowings))]
    public void Egress_rules_admit_routers_with_all_of_a_family(string what, EgressRule[] rules, string? ports)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.Egress = new() { Rules = [.. rules] };

        var policy = PolicyOf(space);

        Assert.True(
            ports == (policy is null ? null : string.Join(',', policy.Spec.Egress[0].Ports.Select(p => p.Port!.Value))),
            what);
    }

    /// <summary>The rules are as the spec asks, so the condition stays True.</summary>
    [Theory]
    [MemberData(nameof(Narrowings))]
    public void NetworkIsolated_says_when_egress_rules_leave_no_public_router(
        string what, EgressRule[] rules, string? ports)
    {
        const string Note = "Dynos do not reach the public hosts of apps, since no rule of spec.egress.rules";
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.Egress = new() { Rules = [.. rules] };

        var isolated = IsolatedOf(space, Sample.Options);

        Assert.Equal((ConditionStatus.True, Reasons.Applied.Name), (isolated.Status, isolated.Reason));
        Assert.StartsWith("All policies are in place.", isolated.Message, StringComparison.Ordinal);
        Assert.True(ports is null == isolated.Message.Contains(Note, StringComparison.Ordinal), what);
        Assert.DoesNotContain(
            Note,
            IsolatedOf(space, Sample.Options with { Router = new() { Provider = RouterProvider.None } }).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.244.7.0/24")]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.0.0.11/32")]
    public void Where_a_dyno_or_its_node_could_state_the_clients_address_the_way_is_closed_and_that_is_said(
        string proxies)
    {
        var options = Behind(proxies);

        Assert.Null(PolicyOf(Sample.Space(), options));
        Assert.DoesNotContain(Sources(Private("198.51.100.0/24"), options), source => source.PodSelector is not null);
        var warning = Assert.Single(
            SpacePlanner.Plan(Sample.Observed(Sample.Space()), options).Warnings,
            problem => problem.Reason == Reasons.ProxyRangeTooWide);
        Assert.StartsWith($"Option proxyProtocolFrom {proxies} overlaps ", warning.Message, StringComparison.Ordinal);
    }

    /// <summary>Where the API server stands behind a load balancer, nobody may write its endpoints.</summary>
    [Fact]
    public void An_API_server_without_known_addresses_is_reported()
    {
        var observed = Sample.Observed(Sample.Space());
        var unknown = observed with { Cluster = observed.Cluster with { IsApiServerUnknown = true } };

        var warning = Assert.Single(SpacePlanner.Plan(unknown, Sample.Options).Warnings);

        Assert.Equal(Reasons.ClusterRangesUnknown, warning.Reason);
        Assert.Contains("default/kubernetes", warning.Message, StringComparison.Ordinal);
    }

    /// <summary>Only what is stated is put back when another user changes it.</summary>
    [Fact]
    public void What_would_open_another_way_is_stated()
    {
        var parts = Plan(Private("198.51.100.0/24")).Children;

        Assert.False(parts.All<V1Deployment>().Single().Spec.Template.Spec.HostNetwork);
        var service = parts.All<V1Service>().Single(found => found.Spec.ClusterIP is null).Spec;
        Assert.Equal(("LoadBalancer", 0, ""), (service.Type, service.ExternalIPs.Count, service.LoadBalancerIP));
    }

    [Fact]
    public void Load_balancers_beside_the_cluster_close_nothing()
    {
        var options = Behind("192.168.7.0/24");

        Assert.NotNull(PolicyOf(Sample.Space(), options));
        Assert.Contains(Sources(Private("198.51.100.0/24"), options), source => source.PodSelector is not null);
    }

    [Theory]
    [InlineData(RouterProvider.GatewayAPI)]
    [InlineData(RouterProvider.Ingress)]
    [InlineData(RouterProvider.None)]
    public void Gateways_of_the_cluster_cannot_distinguish_dynos_from_other_clients(RouterProvider provider) =>
        Assert.Null(PolicyOf(Sample.Space(), Sample.Options with { Router = new() { Provider = provider } }));

    [Fact]
    public void Who_trusts_nobody_admits_no_dyno_either() => Assert.Empty(Sources(Private(), Sample.Options));

    public static TheoryData<string[], string[], string> LoadBalancers => new()
    {
        { ["198.51.100.0/24"], ["10.96.0.0/12"], "198.51.100.0/24,10.244.0.0/16" },
        {
            ["198.51.100.0/24"],
            ["10.96.0.0/12", "fd00:10:96::/112"],
            "198.51.100.0/24,10.244.0.0/16,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"
        },
        { ["2001:db8:7::/48"], ["10.96.0.0/12", "fd00:10:96::/112"], "2001:db8:7::/48,10.244.0.0/16" },
        {
            ["0.0.0.0/0"],
            ["fd00:10:96::/112"],
            "0.0.0.0/0,10.244.0.0/16,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"
        },
        { [], ["10.96.0.0/12"], "255.255.255.255/32" },
        {
            [],
            ["10.96.0.0/12", "fd00:10:96::/112"],
            "255.255.255.255/32,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"
        },
    };

    /// <summary>
    /// Nodes look at the ranges of each family by itself: none of one family would mean everybody of it.
    /// </summary>
    [Theory]
    [MemberData(nameof(LoadBalancers))]
    public void A_load_balancer_holds_the_ranges_of_each_family(string[] trusted, string[] services, string expected)
    {
        var cluster = new ClusterFacts { ServiceRanges = services, PodRanges = ["10.244.0.0/24", "10.244.0.0/16"] };

        var service = RouterPlanner.PlanSpace(Private(trusted), [], cluster, Sample.Options)
            .Children.All<V1Service>()
            .Single(found => found.Spec.ClusterIP is null);

        Assert.Equal(expected, string.Join(',', service.Spec.LoadBalancerSourceRanges));
    }

    /// <summary>Clouds count each range as a rule of their firewall.</summary>
    [Fact]
    public void A_load_balancer_is_given_few_ranges_of_pods()
    {
        var cluster = new ClusterFacts { PodRanges = [.. Enumerable.Range(0, 100).Select(i => $"10.{i * 2}.0.0/24")] };

        var ranges = RouterPlanner.PlanSpace(Private("198.51.100.0/24"), [], cluster, Sample.Options)
            .Children.All<V1Service>()
            .Single(found => found.Spec.ClusterIP is null)
            .Spec.LoadBalancerSourceRanges;

        Assert.InRange(ranges.Count, 2, 9);
    }

    private static Space Private(params string[] trusted)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.TrustedIPRanges = [.. trusted];
        return space;
    }

    private static PlatformOptions Behind(string proxies) =>
        Sample.Options with { Router = new() { ProxyProtocolFrom = [proxies] } };

    private static RouterPlan Plan(Space space, PlatformOptions? options = null) =>
        RouterPlanner.PlanSpace(space, [], Sample.Cluster, options ?? Sample.Options);

    private static IList<V1NetworkPolicyPeer> Sources(Space space, PlatformOptions options) =>
        Plan(space, options).Children.All<V1NetworkPolicy>().Single().Spec.Ingress
            .SingleOrDefault(rule => rule.FromProperty is not null)?.FromProperty
        ?? [];

    private static V1Condition IsolatedOf(Space space, PlatformOptions options)
    {
        var observed = Sample.Observed(space);
        var status = SpaceStatusBuilder.Build(
            observed, SpacePlanner.Plan(observed, options), new(), options, Sample.Now);
        return Conditions.Find(status.Conditions, ConditionTypes.NetworkIsolated)!;
    }

    private static V1NetworkPolicy? PolicyOf(Space space, PlatformOptions? options = null) =>
        SpacePlanner.Plan(Sample.Observed(space), options ?? Sample.Options).Policies
            .SingleOrDefault(policy => policy.Metadata.Name == "public-routers");
}
