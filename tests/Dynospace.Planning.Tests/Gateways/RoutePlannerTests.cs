using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Gateways;

public sealed class RoutePlannerTests
{
    private static readonly PlatformOptions Envoy = ProviderSample.Options(
        RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway);

    [Fact]
    public void The_platforms_own_routers_need_no_routes() => Assert.Empty(
        ProviderSample.Objects(AppPlanner.Plan(Observed(ProviderSample.App()), Sample.Options).Routing));

    [Theory]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.Other)]
    [InlineData(RouterProvider.Ingress, RouterImplementation.Other)]
    public void Ranges_that_cannot_be_expressed_withhold_the_route(
        RouterProvider provider, RouterImplementation implementation)
    {
        var plan = AppPlanner.Plan(Observed(ProviderSample.App()), ProviderSample.Options(provider, implementation));

        Assert.Empty(plan.Routing.Routes);
        Assert.Empty(plan.Hosts);
        Assert.Equal(Reasons.TrustedIPRangesUnsupported, plan.RouteProblem?.Reason);
    }

    [Fact]
    public void A_kind_that_is_not_there_is_named_and_withholds_the_route()
    {
        var plan = AppPlanner.Plan(
            Observed(ProviderSample.App()) with { Routes = new() { Served = [ProviderKinds.HttpRoute] } }, Envoy);

        Assert.Empty(ProviderSample.Objects(plan.Routing));
        Assert.Equal(Reasons.ProviderNotInstalled, plan.RouteProblem?.Reason);
        Assert.Contains("SecurityPolicy", plan.RouteProblem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everybody_is_trusted_without_what_keeps_others_out()
    {
        var plan = ProviderSample.Plan(
            ProviderSample.App(),
            ProviderSample.Space(SpaceRuntime.Private, "::/0", "0.0.0.0/0"),
            Envoy,
            new() { Served = [ProviderKinds.HttpRoute] });

        Assert.Empty(plan.Fences);
        Assert.Single(plan.Routes);
    }

    [Fact]
    public void Whom_a_space_trusts_holds_for_an_app_that_is_refused()
    {
        var app = ProviderSample.App(spec => spec.ConfigFrom = [new() { SecretRef = new() { Name = "missing" } }]);
        var observed = Observed(app) with { Services = [new("shop", "uid-service", app.Metadata.Uid)] };

        var plan = AppPlanner.Plan(observed, Envoy);

        Assert.Equal(Reasons.SecretNotFound, plan.Problem?.Reason);
        Assert.Equal("SecurityPolicy", Assert.Single(plan.Routing.Fences).Kind);
        Assert.Empty(AppPlanner.Plan(observed with { Space = null }, Envoy).Routing.Routes);
        Assert.Empty(
            AppPlanner.Plan(
                observed with { Space = observed.Space! with { IsDeleting = true } }, Envoy).Routing.Routes);
    }

    [Fact]
    public void An_app_in_maintenance_has_no_route_and_is_well()
    {
        var app = ProviderSample.App(spec => spec.Maintenance = true);
        app.Status = new() { Release = 1 };
        var release = ReleaseRecord.FromSpec(app.Spec, new Dictionary<string, SecretDigest>()) with { Number = 1 };
        var observed = Observed(app) with { Dynos = [Sample.UpDyno(app, ProcessTypes.Web, 1)], Releases = [release] };

        var status = AppStatusBuilder.Build(
            observed, AppPlanner.Plan(observed, Envoy), ApplyOutcome.Success, Envoy, Sample.Now);

        Assert.Equal(Reasons.InMaintenance, Conditions.Find(status.Conditions, ConditionTypes.Routed)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
        Assert.Null(status.Hosts);
    }

    [Fact]
    public void A_domain_that_an_older_app_has_is_in_no_route()
    {
        var app = ProviderSample.App(spec => spec.Domains = ["shop.example.com", "store.example.com"]);
        var rival = DomainClaimant.FromApp(app) with
        {
            App = "older",
            Uid = "uid-older",
            Created = Sample.Now.AddDays(-1),
            Domains = ["shop.example.com"],
        };
        var claimant = DomainClaimant.FromApp(app);
        var hosts = DomainClaims.Settle([claimant, rival], Sample.Options.Router.BaseDomain).HostsOf(claimant);

        var route = Assert.Single(
            AppPlanner.Plan(Observed(app) with { Routes = new() { Hosts = hosts } }, Envoy).Routing.Routes);

        Assert.Equal(
            ["shop.acme.dynospace.localhost", "store.example.com"],
            route.Spec["hostnames"]!.AsArray().Select(host => (string)host!));
    }

    [Fact]
    public void A_certificate_is_for_the_domains_of_the_spec_that_are_the_apps()
    {
        var app = ProviderSample.App(spec => spec.Tls = new() { IssuerRef = new() { Name = "letsencrypt" } });

        var certificate = Assert.Single(AppPlanner.Plan(Observed(app), Sample.Options).Routing.Certificates);

        Assert.Equal("shop--tls", (string)certificate.Spec["secretName"]!);
        Assert.Equal(["shop.example.com"], certificate.Spec["dnsNames"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(["shop--tls"], TlsNames.SecretsOf(app));
    }

    /// <summary>Traefik knows a middleware by namespace and name joined by a hyphen.</summary>
    [Fact]
    public void No_two_apps_share_a_middleware_however_they_are_named()
    {
        var options = ProviderSample.Options(RouterProvider.Ingress, RouterImplementation.Traefik);
        var names = new[] { ("a", "b-c"), ("a-b", "c"), ("a-b-c", "d"), ("a", "b-c-d") }.Select(pair =>
        {
            var app = ProviderSample.App();
            (app.Metadata.NamespaceProperty, app.Metadata.Name) = pair;
            var middleware =
                ProviderSample.Plan(app, ProviderSample.Space(SpaceRuntime.Private), options).Fences.Single().Metadata;
            return $"{middleware.NamespaceProperty}-{middleware.Name}";
        }).ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public void Behind_proxies_istio_judges_by_what_they_tell()
    {
        var options = ProviderSample.Options(RouterProvider.GatewayAPI, RouterImplementation.Istio);
        options = options with { Router = options.Router with { ProxyProtocolFrom = ["10.9.0.0/16"] } };

        var source =
            ProviderSample.Plan(
                ProviderSample.App(),
                ProviderSample.Space(SpaceRuntime.Private, "198.51.100.0/24"),
                options).Fences.Single().Spec["rules"]![0]!["from"]![0]!["source"]!;

        Assert.Equal("198.51.100.0/24", (string)source["notRemoteIpBlocks"]![0]!);
    }

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void Policies_admit_the_pods_of_the_clusters_gateway_on_port_and_no_router(SpaceRuntime runtime)
    {
        var policies = SpacePlanner.Plan(Sample.Observed(ProviderSample.Space(runtime)), Envoy).Policies;

        Assert.Equal("public", Admitted(policies, "router-to-web"));
        Assert.Equal(runtime == SpaceRuntime.Common ? null : "internal", Admitted(policies, "internal-router-to-web"));
        Assert.DoesNotContain(policies, policy => policy.Metadata.Name == "internal-router");
        Assert.Empty(SpacePlanner.Plan(Sample.Observed(ProviderSample.Space(runtime)), Envoy).Routers.Children.Objects);
    }

    private static string? Admitted(IReadOnlyList<V1NetworkPolicy> policies, string name)
    {
        if (policies.FirstOrDefault(policy => policy.Metadata.Name == name) is not { } policy)
        {
            return null;
        }

        var rule = Assert.Single(policy.Spec.Ingress);
        var peer = Assert.Single(rule.FromProperty);
        Assert.Equal("gateways", peer.NamespaceSelector.MatchLabels[Labels.NamespaceName]);
        Assert.Equal(
            (Labels.Space, "DoesNotExist"),
            (peer.NamespaceSelector.MatchExpressions[0].Key,
                peer.NamespaceSelector.MatchExpressions[0].OperatorProperty));
        Assert.Equal("5000", Assert.Single(rule.Ports).Port);
        return Assert.Single(peer.PodSelector.MatchLabels).Value;
    }

    private static ObservedApp Observed(App app) =>
        new()
        {
            App = app,
            Space = SpaceFacts.FromSpace(
                ProviderSample.Space(SpaceRuntime.Private, "198.51.100.0/24"), ClusterFacts.Unknown, Sample.Options),
        };
}
