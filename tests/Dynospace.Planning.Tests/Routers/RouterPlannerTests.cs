using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Routers;

public sealed class RouterPlannerTests
{
    [Theory]
    [InlineData(SpaceRuntime.Common, false, "")]
    [InlineData(SpaceRuntime.Common, true, "")]
    [InlineData(SpaceRuntime.Private, false, "router-public-acme")]
    [InlineData(SpaceRuntime.Private, true, "router-public-acme,router-internal-acme")]
    [InlineData(SpaceRuntime.Shield, true, "router-public-acme,router-internal-acme")]
    public void There_is_an_internal_router_while_an_app_has_internal_routing(
        SpaceRuntime runtime, bool isInternal, string names)
    {
        var plan = RouterPlanner.PlanSpace(
            Sample.Space(runtime), [new("shop", isInternal, [])], Sample.Cluster, Sample.Options);

        Assert.Equal(
            names, string.Join(',', plan.Children.All<V1Deployment>().Select(deployment => deployment.Metadata.Name)));
    }

    [Fact]
    public void The_shared_router_goes_with_the_last_common_space() =>
        Assert.Empty(RouterPlanner.PlanShared(hasCommonSpaces: false, Sample.Cluster, Sample.Options).Children.Objects);

    [Theory]
    [InlineData(RouterProvider.None)]
    [InlineData(RouterProvider.GatewayAPI)]
    [InlineData(RouterProvider.Ingress)]
    public void A_cluster_that_brings_its_own_gets_none(RouterProvider provider)
    {
        var options = Sample.Options with { Router = new() { Provider = provider } };

        Assert.Same(
            RouterPlan.None, RouterPlanner.PlanSpace(Sample.Space(SpaceRuntime.Private), [], Sample.Cluster, options));
        Assert.Same(RouterPlan.None, RouterPlanner.PlanShared(hasCommonSpaces: true, Sample.Cluster, options));
    }

    [Fact]
    public void No_name_is_too_long_and_no_two_are_one()
    {
        var names = new[] { 'x', 'y' }
            .SelectMany(end => Enum.GetValues<RouterListener>()
                .Select(listener => new RouterIdentity(listener, new string('a', 62) + end).Name))
            .ToList();

        Assert.All(names, name => Assert.InRange(name.Length, 1, 63));
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(
            "router-public-" + new string('a', 49),
            new RouterIdentity(RouterListener.Public, new string('a', 49)).Name);
    }

    /// <summary>A Service cannot select by what is not there, and the shared router bears no space.</summary>
    [Fact]
    public void No_service_selects_the_pods_of_another_router()
    {
        RouterPlan[] plans =
        [
            RouterPlanner.PlanShared(hasCommonSpaces: true, Sample.Cluster, Sample.Options),
            .. new[] { "acme", "dynospace", "rival" }
                .Select(
                    name => RouterPlanner.PlanSpace(
                        Sample.Space(SpaceRuntime.Private, name),
                        [new("a", true, [])],
                        Sample.Cluster,
                        Sample.Options)),
        ];
        var pods = plans.SelectMany(plan => plan.Children.All<V1Deployment>())
            .Select(deployment => deployment.Spec.Template.Metadata.Labels)
            .ToList();

        Assert.Equal(7, pods.Count);
        Assert.All(
            plans.SelectMany(plan => plan.Children.All<V1Service>()),
            service => Assert.Single(
                pods,
                labels =>
                    service.Spec.Selector.All(wanted => labels.TryGetValue(wanted.Key, out var value)
                        && value == wanted.Value)));
        Assert.All(
            plans.SelectMany(plan => plan.Children.All<V1Deployment>()),
            one => Assert.Single(
                pods,
                labels =>
                    one.Spec.Selector.MatchLabels.All(wanted => labels.TryGetValue(wanted.Key, out var value)
                        && value == wanted.Value)));
    }

    [Fact]
    public void Who_trusts_nobody_lets_nobody_in()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.TrustedIPRanges = [];
        var behindProxies = Sample.Options with { Router = new() { ProxyProtocolFrom = ["10.0.0.0/8"] } };

        Assert.All(new[] { Sample.Options, behindProxies }, options =>
        {
            var plan = RouterPlanner.PlanSpace(space, [], Sample.Cluster, options);

            Assert.Equal(
                ["255.255.255.255/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"],
                plan.Children.All<V1Service>()
                    .Single(found => found.Spec.ClusterIP is null).Spec.LoadBalancerSourceRanges);
            // People who may read the space's logs still read its router's lines, which the router itself decides.
            var rule = Assert.Single(plan.Children.All<V1NetworkPolicy>().Single().Spec.Ingress);
            Assert.Equal($"{RouterPorts.Lines}", Assert.Single(rule.Ports).Port.Value);
        });
    }

    [Theory]
    [InlineData(RouterServiceType.NodePort, "Local")]
    [InlineData(RouterServiceType.ClusterIP, null)]
    public void Only_load_balancers_take_source_ranges(RouterServiceType type, string? trafficPolicy)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.TrustedIPRanges = ["198.51.100.0/24"];
        var options = Sample.Options with { Router = new() { ServiceType = type } };

        var service = RouterPlanner.PlanSpace(space, [], Sample.Cluster, options).Children.All<V1Service>()
            .Single(found => found.Spec.ClusterIP is null);

        Assert.Null(service.Spec.LoadBalancerSourceRanges);
        Assert.Equal(trafficPolicy, service.Spec.ExternalTrafficPolicy);
    }

    [Fact]
    public void A_router_may_read_the_certificates_of_the_apps_that_it_serves_and_no_other_secret()
    {
        RoutedApp[] apps =
        [
            new("shop", false, ["shop-tls", "both"]),
            new("intranet", true, ["intranet-tls", "both"]),
            new("plain", false, []),
        ];

        var roles =
            RouterPlanner.PlanSpace(
                Sample.Space(SpaceRuntime.Private), apps, Sample.Cluster, Sample.Options).Children.All<V1Role>()
                .Where(role => role.Metadata.NamespaceProperty == "acme");

        Assert.Equal(
            ["router-public: both,shop-tls", "router-internal: both,intranet-tls"],
            roles.Select(
                role =>
                    $"{role.Metadata.Name}: "
                    + $"{string.Join(',', role.Rules.Where(rule => rule.Resources.Contains("secrets")).SelectMany(rule => rule.ResourceNames))}"));
    }

    [Fact]
    public void Routers_write_nothing()
    {
        var plans = new[]
        {
            RouterPlanner.PlanShared(hasCommonSpaces: true, Sample.Cluster, Sample.Options),
            RouterPlanner.PlanSpace(
                Sample.Space(SpaceRuntime.Private), [new("a", true, ["s"])], Sample.Cluster, Sample.Options),
        };
        var rules = plans.SelectMany(plan => plan.Children.Objects).SelectMany(part => part.Content switch
        {
            V1Role role => role.Rules,
            V1ClusterRole role => role.Rules,
            _ => [],
        });

        string[] reviews = ["tokenreviews", "subjectaccessreviews"];
        Assert.All(
            rules.Where(rule => !rule.Resources.Any(reviews.Contains)),
            rule => Assert.Empty(rule.Verbs.Except(["get", "list", "watch"])));
        Assert.All(
            rules.Where(rule => rule.Resources.Contains("secrets")), rule => Assert.NotEmpty(rule.ResourceNames));
    }
}
