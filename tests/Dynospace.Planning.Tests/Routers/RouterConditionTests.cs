using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Gateways;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Routers;

/// <summary>What a space's condition RouterReady says, and whether it stands in the way of Ready.</summary>
public sealed class RouterConditionTests
{
    [Theory]
    [InlineData(SpaceRuntime.Common, "The shared router-public serves at 192.0.2.1 (2/2 pods).")]
    [InlineData(SpaceRuntime.Private, "router-public-acme serves at 192.0.2.1 (2/2 pods).")]
    public void A_router_that_serves_is_ready(SpaceRuntime runtime, string message)
    {
        var status = Status(runtime, state => state);

        Assert.Equal((ConditionStatus.True, Reasons.Ready, message), Condition(status));
        Assert.Equal("192.0.2.1", status.Router?.PublicAddress);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Fact]
    public void One_that_is_not_there_yet_is_on_its_way()
    {
        var observed = Sample.Observed(Sample.Space(SpaceRuntime.Private)) with { Routers = [] };

        var status = Build(observed, Sample.Options);

        Assert.Equal(
            (ConditionStatus.False, Reasons.Progressing, "Router router-public-acme is being created."),
            Condition(status));
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Reconciling));
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.NetworkIsolated));
    }

    [Fact]
    public void The_condition_names_the_trouble_of_its_pods() =>
        Assert.Equal(
            (ConditionStatus.False, Reasons.RouterNotAvailable, "No pod of router router-public-acme serves: exceeded "
                + "quota"),
            Condition(Status(SpaceRuntime.Private, state => state with { Available = 0, Trouble = "exceeded quota" })));

    [Fact]
    public void A_load_balancer_without_an_address_is_waited_for_in_words()
    {
        var status = Status(SpaceRuntime.Private, state => state with { AwaitsAddress = true, Addresses = [] });

        Assert.Equal(
            (ConditionStatus.False, Reasons.AddressPending), (Condition(status).Status, Condition(status).Reason));
        Assert.Contains("routerServiceType", Condition(status).Message, StringComparison.Ordinal);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Reconciling));
    }

    /// <summary>Some clusters never give one, and people must learn that waiting does not help.</summary>
    [Fact]
    public void An_address_that_does_not_come_within_the_grace_stalls()
    {
        var observed = Sample.Observed(Sample.Space(SpaceRuntime.Private));
        observed = observed with
        {
            Routers =
            [
                .. observed.Routers.Select(router => router with { AwaitsAddress = true, Addresses = [] }),
            ],
        };
        observed.Space.Status = Build(observed, Sample.Options);

        var later = SpaceStatusBuilder.Build(
            observed,
            SpacePlanner.Plan(observed, Sample.Options),
            new SpaceOutcome(),
            Sample.Options,
            Sample.Now + Sample.Options.Cluster.StallAfter);

        Assert.Equal(
            Reasons.AddressPending.Name, Conditions.Find(later.Conditions, ConditionTypes.Stalled)?.Reason);
    }

    [Fact]
    public void Both_listeners_must_serve_while_an_app_has_internal_routing()
    {
        var observed = Sample.Observed(Sample.Space(SpaceRuntime.Private)) with
        {
            RoutedApps = [new("orders", InternalRouting: true, [])],
        };
        var inside = new RouterState(new(RouterListener.Internal, "acme"))
        {
            Exists = true,
            Desired = 2,
            Available = 1,
            Addresses = ["10.96.0.7"],
        };

        Assert.Contains(
            "router-internal-acme", Condition(Build(observed, Sample.Options)).Message, StringComparison.Ordinal);

        var status = Build(observed with { Routers = [.. observed.Routers, inside] }, Sample.Options);
        Assert.Equal(ConditionStatus.True, Condition(status).Status);
        Assert.Equal(("192.0.2.1", "10.96.0.7"), (status.Router?.PublicAddress, status.Router?.InternalAddress));
    }

    [Fact]
    public void A_refusal_stalls()
    {
        var observed = Sample.Observed(Sample.Space(SpaceRuntime.Private));
        var refused = new ApplyOutcome(new(Reasons.NameTaken, "Service router-public-acme exists."), IsRetrying: false);

        var status = SpaceStatusBuilder.Build(
            observed,
            SpacePlanner.Plan(observed, Sample.Options),
            new() { Routers = refused },
            Sample.Options,
            Sample.Now);

        Assert.Equal(Reasons.NameTaken, Condition(status).Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Stalled));
    }

    [Fact]
    public void Without_a_provider_nobody_waits_for_routers()
    {
        var observed = Sample.Observed(Sample.Space(SpaceRuntime.Private)) with { Routers = [] };

        var status = Build(observed, Sample.Options with { Router = new() { Provider = RouterProvider.None } });

        Assert.Equal(
            (ConditionStatus.Unknown, Reasons.NotProvisioned), (Condition(status).Status, Condition(status).Reason));
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Theory]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.Other, false)]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway, true)]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.NGINXGatewayFabric, true)]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.Istio, true)]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.Traefik, true)]
    [InlineData(RouterProvider.Ingress, RouterImplementation.IngressNginx, true)]
    [InlineData(RouterProvider.Ingress, RouterImplementation.EnvoyGateway, false)]
    [InlineData(RouterProvider.Ingress, RouterImplementation.Traefik, true)]
    public void Trusted_ranges_that_cannot_be_expressed_are_refused_rather_than_opened(
        RouterProvider provider, RouterImplementation implementation, bool isSupported)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.TrustedIPRanges = ["198.51.100.0/24"];
        var options = Sample.Options with { Router = new() { Provider = provider, Implementation = implementation } };

        var status = Build(Sample.Observed(space) with { Routers = [] }, options);

        Assert.Equal(isSupported ? Reasons.Ready : Reasons.TrustedIPRangesUnsupported, Condition(status).Reason);
        Assert.Equal(!isSupported, Conditions.IsTrue(status.Conditions, ConditionTypes.Stalled));

        space.Spec.TrustedIPRanges = ["::/0", "0.0.0.0/0"];
        Assert.Equal(Reasons.Ready, Condition(Build(Sample.Observed(space) with { Routers = [] }, options)).Reason);
    }

    [Fact]
    public void What_is_not_installed_is_named()
    {
        var options = ProviderSample.Options(RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway);
        var observed = Sample.Observed(ProviderSample.Space(SpaceRuntime.Private, "198.51.100.0/24")) with
        {
            Routers = [],
            ServedKinds = [ProviderKinds.HttpRoute],
        };

        var condition = Condition(Build(observed, options));

        Assert.Equal(Reasons.ProviderNotInstalled, condition.Reason);
        Assert.Contains("SecurityPolicy (gateway.envoyproxy.io/v1alpha1)", condition.Message, StringComparison.Ordinal);
        Assert.Equal(
            Reasons.Ready,
            Condition(
                Build(
                    observed with { ServedKinds = [ProviderKinds.HttpRoute, EnvoyGateway.SecurityPolicy] },
                    options)).Reason);
    }

    private static SpaceStatus Status(SpaceRuntime runtime, Func<RouterState, RouterState> change)
    {
        var observed = Sample.Observed(Sample.Space(runtime));
        return Build(observed with { Routers = [.. observed.Routers.Select(change)] }, Sample.Options);
    }

    private static SpaceStatus Build(ObservedSpace observed, PlatformOptions options) =>
        SpaceStatusBuilder.Build(observed, SpacePlanner.Plan(observed, options), new(), options, Sample.Now);

    private static (string Status, string Reason, string Message) Condition(SpaceStatus status) =>
        Conditions.Find(status.Conditions, ConditionTypes.RouterReady) is { } found
            ? (found.Status, found.Reason, found.Message)
            : default;
}
