using Dynospace.Hosting.Options;
using Dynospace.Planning.Options;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Dynospace.Operator.Tests;

public sealed class OperatorConfigurationTests : IDisposable
{
    private readonly OptionReader _reader = new();

    public void Dispose() => _reader.Dispose();

    [Fact]
    public void Without_options_every_default_holds()
    {
        var options = Read();

        Assert.Equal(5000, options.Platform.Dynos.Port);
        Assert.Equal("dynospace-system", options.Platform.Cluster.SystemNamespace);
        Assert.False(options.LeaderElection);
        Assert.Equal(8080, options.HealthPort);
        Assert.Equal("https://127.0.0.1:1", options.Client.Host);
    }

    [Fact]
    public void Options_are_read()
    {
        var options = Read(
            ("port", "8000"),
            ("regions", "oregon=us-west-2, virginia=us-east-1"),
            ("clusterRanges", "203.0.113.0/24,2001:db8::/32"),
            ("nodeLocalDnsAddress", ""),
            ("leaderElection", "true"));

        Assert.Equal(8000, options.Platform.Dynos.Port);
        Assert.Equal("us-west-2", options.Platform.Regions.ValueOf("oregon"));
        Assert.Equal(["203.0.113.0/24", "2001:db8::/32"], options.Platform.Cluster.Ranges);
        Assert.Empty(options.Platform.Dns.NodeLocalAddresses);
        Assert.True(options.LeaderElection);
    }

    [Theory]
    [InlineData("port", "0")]
    [InlineData("port", "65536")]
    [InlineData("port", "web")]
    [InlineData("healthPort", "-1")]
    [InlineData("clusterRanges", "10.0.0.0/8,10.0.0.0/33")]
    [InlineData("regions", "oregon")]
    [InlineData("leaderElection", "yes")]
    [InlineData("nodeLocalDnsAddress", "dns.local")]
    [InlineData("runAsUser", "root")]
    [InlineData("enforcementInterval", "15")]
    [InlineData("enforcementInterval", "m")]
    [InlineData("enforcementInterval", "-5m")]
    [InlineData("enforcementInterval", "200h")]
    public void A_value_that_cannot_be_is_refused_by_name_and_value(string name, string value)
    {
        var refusal = Assert.Throws<OptionException>(() => Read((name, value)));

        Assert.StartsWith(name + ":", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(value.Split(',')[^1], refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runAsUser", "0", "runAsUser: '0'")]
    [InlineData("imagePullPolicy", "Sometimes", "Sometimes")]
    [InlineData("enforcementInterval", "0s", "enforcementInterval: '0s'")]
    public void A_value_that_planning_cannot_work_with_is_refused_at_the_start(string name, string value, string part)
    {
        var refusal = Assert.Throws<OptionException>(() => Read((name, value)));

        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_user_can_be_left_to_the_image() =>
        Assert.Null(Read(("runAsUser", "image")).Platform.Dynos.RunAsUser);

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    public void The_time_between_trials_is_read(string text, int seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds), Read(("enforcementInterval", text)).Platform.Isolation.TrialInterval);

    [Fact]
    public void Trials_can_be_switched_off_and_their_image_chosen()
    {
        var options = Read(("enforcementInterval", "never"), ("canaryImage", "registry.example/busybox:1")).Platform;

        Assert.Null(options.Isolation.TrialInterval);
        Assert.Equal("registry.example/busybox:1", options.Isolation.CanaryImage);
    }

    [Fact]
    public void An_option_that_does_not_exist_is_refused_with_those_that_do()
    {
        var refusal = Assert.Throws<OptionException>(() => Read(("clusterRange", "10.0.0.0/8")));

        Assert.Contains("clusterRange: no such option", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("clusterRanges", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kubeconfig_that_is_not_there_is_named()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("kubeconfig", "/nowhere/config")])
            .Build();

        var refusal = Assert.Throws<OptionException>(() => OperatorConfiguration.Read(configuration));

        Assert.Contains("/nowhere/config", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_about_routers_are_read()
    {
        var router = Read(
            ("routerProvider", "none"),
            ("routerImage", "registry.example/router:1"),
            ("sharedRouterReplicas", "3"),
            ("routerServiceType", "NodePort"),
            ("internalRouterServiceType", "LoadBalancer"),
            ("internalRouterServiceAnnotations", "lb.example/internal=true"),
            ("proxyProtocolFrom", "10.9.0.0/16"),
            ("routerCertificate", "dynospace-system/wildcard"),
            ("routerDrainSeconds", "60")).Platform.Router;

        Assert.Equal(
            (RouterProvider.None, "registry.example/router:1", 3),
            (router.Provider, router.Image, router.SharedReplicas));
        Assert.Equal(
            (RouterServiceType.NodePort, RouterServiceType.LoadBalancer),
            (router.ServiceType, router.InternalServiceType));
        Assert.Equal("true", router.InternalServiceAnnotations["lb.example/internal"]);
        Assert.Equal(["10.9.0.0/16"], router.ProxyProtocolFrom);
        Assert.Equal(("dynospace-system/wildcard", 60), (router.DefaultCertificate, (int)router.Drain.TotalSeconds));
    }

    [Fact]
    public void Gateways_of_the_cluster_are_read()
    {
        var router = Read(
            ("routerProvider", "GatewayAPI"),
            ("routerImplementation", "EnvoyGateway"),
            ("publicGateway", "gateways/public"),
            ("internalGateway", "gateways/internal"),
            ("gatewayHttpsListener", "tls"),
            ("publicGatewayNamespace", "envoy"),
            ("publicGatewayPods", "gateway=public"),
            ("internalGatewayNamespace", "envoy"),
            ("internalGatewayPods", "gateway=internal,tier=edge")).Platform.Router;

        Assert.Equal(
            (RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway), (router.Provider, router.Implementation));
        Assert.Equal(
            ("gateways/public", "gateways/internal"), (router.PublicGateway.Gateway, router.InternalGateway.Gateway));
        Assert.Equal(("http", "tls"), (router.HttpListener, router.HttpsListener));
        Assert.Equal(
            ("envoy", "public"), (router.PublicGateway.PodNamespace, router.PublicGateway.PodLabels["gateway"]));
        Assert.Equal(2, router.InternalGateway.PodLabels.Count);
    }

    [Fact]
    public void A_gateway_of_the_cluster_needs_all_that_policies_are_made_of()
    {
        var refusal = Assert.Throws<OptionException>(() => Read(("routerProvider", "Ingress")));

        Assert.All(
            new[] { "publicGatewayNamespace", "publicGatewayPods", "internalGatewayNamespace", "internalGatewayPods" },
            option => Assert.Contains(option, refusal.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("routerProvider", "1", "Builtin, GatewayAPI, Ingress, None")]
    [InlineData("routerServiceType", "ExternalName", "LoadBalancer, NodePort, ClusterIP")]
    [InlineData("sharedRouterReplicas", "two", "not a valid number")]
    [InlineData("routerImplementation", "HAProxy", "EnvoyGateway, NGINXGatewayFabric, Traefik, Istio, IngressNginx")]
    public void A_router_option_that_makes_no_sense_is_refused(string name, string value, string part)
    {
        var refusal = Assert.Throws<OptionException>(() => Read((name, value)));

        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    private OperatorOptions Read(params (string Name, string Value)[] options) => _reader.Read(options);
}
