using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Dns;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Dns;

/// <summary>The DNS of a space, from the operator's option to a dyno's resolver.</summary>
public sealed class SpaceDnsTests
{
    private const string Address = "10.96.7.7";

    private static readonly PlatformOptions On = Sample.Options with
    {
        Dns = Sample.Options.Dns with { SpaceImage = "registry.example/coredns:1" },
    };

    private static readonly SpaceDnsState Serving = new()
    {
        Exists = true,
        Available = 2,
        Desired = 2,
        Addresses = [Address, "fd00:10:96::7"],
    };

    [Theory]
    [InlineData(SpaceRuntime.Common, true, 0)]
    [InlineData(SpaceRuntime.Private, false, 0)]
    [InlineData(SpaceRuntime.Private, true, 1)]
    [InlineData(SpaceRuntime.Shield, true, 1)]
    public void Private_and_shield_spaces_have_one_where_an_image_is_set(SpaceRuntime runtime, bool isOn, int count)
    {
        var plan = SpacePlanner.Plan(Sample.Observed(Sample.Space(runtime)), isOn ? On : Sample.Options);

        Assert.Equal(count, plan.Dns.All<V1Deployment>().Count());
        Assert.Equal(count * 8, plan.Dns.Objects.Count);
    }

    [Fact]
    public void What_it_is_made_of() => Golden.Verify(
        "private",
        "dns",
        SpaceDnsPlanner.Plan(Sample.ConnectedSpace(), Sample.Cluster, On).Select(part => part.Content));

    [Fact]
    public void Names_of_the_cluster_are_those_of_the_space_and_of_its_data_services()
    {
        var corefile = SpaceDnsPlanner.Plan(Sample.ConnectedSpace(), Sample.Cluster, On)
            .Select(part => part.Content)
            .OfType<V1ConfigMap>()
            .Single()
            .Data["Corefile"];

        Assert.Contains(
            "\nacme.svc.cluster.local:5353 search.svc.cluster.local:5353 {\n", corefile, StringComparison.Ordinal);
        Assert.Contains("\ncluster.local:5353 ", corefile, StringComparison.Ordinal);
    }

    /// <summary>A pod that asks the cluster's DNS goes on doing so; what is closed before would break it.</summary>
    [Theory]
    [InlineData(false, false, "k8s-app")]
    [InlineData(true, false, "dynospace.dev/component")]
    [InlineData(true, true, "dynospace.dev/component,k8s-app")]
    public void Dynos_reach_the_dns_that_they_ask_and_no_other(bool isOn, bool hasOlder, string expected)
    {
        var observed = Sample.Observed(Sample.Space(SpaceRuntime.Private)) with
        {
            Dns = Serving with { IsClusterAsked = hasOlder },
        };

        var policy = SpacePlanner.Plan(observed, isOn ? On : Sample.Options).Policies
            .Single(policy => policy.Metadata.Name == PolicyNames.Dns);

        Assert.Equal(
            expected,
            string.Join(',', policy.Spec.Egress.SelectMany(rule => rule.To)
                .Where(peer => peer.PodSelector is not null)
                .Select(peer => peer.PodSelector.MatchLabels.Keys.First())));
    }

    [Fact]
    public void A_part_that_is_not_wanted_any_more_goes_and_no_part_of_it_is_pruned_while_it_is()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        var parts = SpacePlanner.Plan(Sample.Observed(space), On).Dns.Objects
            .Select(part => new Planning.Children.ObservedChild(part.Identity with { Uid = "uid" })
            {
                OwnerUid = space.Metadata.Uid,
            })
            .ToList();
        var observed = Sample.Observed(space) with { RouterParts = parts };

        Assert.Empty(SpacePlanner.Plan(observed, On).Routers.Children.Deletions);
        Assert.Equal(
            parts.Count, SpacePlanner.Plan(observed, Sample.Options).Routers.Children.Deletions.Count);
    }

    [Fact]
    public void Dynos_wait_until_it_has_answered_once_and_never_again()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Status = new()
        {
            Conditions = Conditions.With(
                null, ConditionTypes.NetworkIsolated, ConditionStatus.True, "Applied", "", 1, Sample.Now),
        };
        var before = SpaceFacts.FromSpace(space, On);
        Assert.Contains(ConditionTypes.DnsReady, before.Blocker?.Message, StringComparison.Ordinal);
        Assert.Null(SpaceFacts.FromSpace(space, Sample.Options).Blocker);

        space.Status = StatusOf(space, Serving);
        Assert.Null(SpaceFacts.FromSpace(space, On).Blocker);
        Assert.Equal($"{Address},fd00:10:96::7", SpaceFacts.FromSpace(space, On).DnsAddresses);

        space.Status = StatusOf(space, Serving with { Available = 0 });
        Assert.False(Conditions.IsTrue(space.Status.Conditions, ConditionTypes.DnsReady));
        Assert.Null(SpaceFacts.FromSpace(space, On).Blocker);
    }

    [Fact]
    public void The_condition_is_there_only_where_the_space_has_one()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        var observed = Sample.Observed(space) with { Dns = Serving };

        Assert.Null(Conditions.Find(
            SpaceStatusBuilder.Build(
                observed, SpacePlanner.Plan(observed, Sample.Options), new(), Sample.Options, Sample.Now).Conditions,
            ConditionTypes.DnsReady));
        Assert.Contains(
            $"space-dns-acme answers at {Address}",
            Conditions.Find(StatusOf(space, Serving).Conditions, ConditionTypes.DnsReady)!.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web", "shop.app.localspace", "web.shop.app.localspace", "1.web.shop.app.localspace")]
    [InlineData("run", "shop.app.localspace", null, null)]
    public void A_dyno_knows_its_names(string type, string app, string? formation, string? dyno)
    {
        var pod = PodOf(type, Address);

        Assert.Equal(app, Value("DYNO_DNS_APP_NAME"));
        Assert.Equal(formation, Value("DYNO_DNS_FORMATION_NAME"));
        Assert.Equal(dyno, Value("DYNO_DNS_DYNO_NAME"));
        Assert.Equal(
            "status.podIP",
            pod.Spec.Containers[0].Env.Single(item => item.Name == "DYNO_PRIVATE_IP").ValueFrom.FieldRef.FieldPath);
        Assert.Equal("None", pod.Spec.DnsPolicy);
        Assert.Equal([Address], pod.Spec.DnsConfig.Nameservers);
        Assert.Equal(
            ["acme.svc.cluster.local", "svc.cluster.local", "cluster.local"], pod.Spec.DnsConfig.Searches);

        string? Value(string name) =>
            pod.Spec.Containers[0].Env.SingleOrDefault(item => item.Name == name)?.Value;
    }

    [Fact]
    public void Without_it_a_pod_is_as_it_always_was()
    {
        var pod = PodOf("web", "");

        Assert.Null(pod.Spec.DnsPolicy);
        Assert.Null(pod.Spec.DnsConfig);
        Assert.DoesNotContain(
            pod.Spec.Containers[0].Env, item => item.Name.StartsWith("DYNO_", StringComparison.Ordinal));
    }

    [Fact]
    public void No_config_var_passes_for_a_name_of_the_platform()
    {
        var pod = PodOf("web", Address, new Dictionary<string, string> { ["DYNO_PRIVATE_IP"] = "192.0.2.1" });

        Assert.Single(pod.Spec.Containers[0].Env, item => item.Name == "DYNO_PRIVATE_IP" && item.Value is null);
    }

    /// <summary>
    /// Switching it on restarts no dyno; another address, and switching it off, replace those that ask it.
    /// </summary>
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", Address, true)]
    [InlineData(Address, Address, true)]
    [InlineData(Address, "10.96.8.8", false)]
    [InlineData(Address, "", false)]
    public void A_dyno_is_replaced_only_where_its_dns_answers_no_more(string before, string after, bool isKept)
    {
        var plan = DynoPlanner.Plan(Observe("web", after, Sample.PodOf(PodOf("web", before))), On);

        Assert.Equal(isKept, plan.Pod is null);
        Assert.Equal(isKept, plan.CurrentPod is not null);
    }

    private static SpaceStatus StatusOf(Space space, SpaceDnsState dns)
    {
        var observed = Sample.Observed(space) with { Dns = dns };
        return SpaceStatusBuilder.Build(observed, SpacePlanner.Plan(observed, On), new(), On, Sample.Now);
    }

    private static V1Pod PodOf(string type, string addresses, IReadOnlyDictionary<string, string>? config = null) =>
        DynoPlanner.Plan(Observe(type, addresses, config: config), On).Pod!;

    private static ObservedDyno Observe(
        string type, string addresses, PodFacts? pod = null, IReadOnlyDictionary<string, string>? config = null)
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = Sample.Observed(Sample.Dyno(app, type, 1), app, pod is null ? [] : [pod]);
        return observed with
        {
            Space = Sample.ReadySpace(SpaceRuntime.Private) with { DnsAddresses = addresses },
            Releases = [Sample.Release() with { Config = config ?? new Dictionary<string, string>() }],
        };
    }
}
