using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Egress;

/// <summary>Which provider is in charge, what it is given, and what is read of it.</summary>
public sealed class EgressProvidersTests
{
    private static readonly EgressProvider[] Foreign =
    [
        EgressProvider.Cilium, EgressProvider.Antrea, EgressProvider.OVNKubernetes, EgressProvider.Spidernet,
        EgressProvider.KubeOVN,
    ];

    [Theory]
    [InlineData(EgressProvider.None, null, EgressProvider.None)]
    [InlineData(EgressProvider.None, EgressProvider.Builtin, EgressProvider.Builtin)]
    [InlineData(EgressProvider.Builtin, EgressProvider.None, EgressProvider.None)]
    [InlineData(EgressProvider.Antrea, null, EgressProvider.Antrea)]
    [InlineData(EgressProvider.Auto, null, EgressProvider.Builtin)]
    public void The_space_decides_before_the_option(
        EgressProvider option, EgressProvider? space, EgressProvider expected)
    {
        var asking = Sample.Space(SpaceRuntime.Private);
        asking.Spec.Egress = new() { Provider = space };

        Assert.Equal(expected, EgressProviders.InChargeOf(asking, [], new() { Provider = option }));
    }

    [Fact]
    public void Auto_takes_what_the_cluster_serves() => Assert.All(Foreign, provider => Assert.Equal(
        provider,
        EgressProviders.InChargeOf(
            Sample.Space(SpaceRuntime.Private),
            EgressProviders.Find(provider)!.Kinds.ToHashSet(),
            new() { Provider = EgressProvider.Auto })));

    [Fact]
    public void A_kind_that_is_not_served_is_named_and_nothing_is_made()
    {
        var plan = Plan(EgressProvider.Antrea, [], "203.0.113.10");

        Assert.Empty(plan.Objects);
        var problem = Assert.Single(plan.Problems);
        Assert.Equal(Reasons.ProviderNotInstalled, problem.Reason);
        Assert.Contains("ExternalIPPool (crd.antrea.io/v1beta1)", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_provider_that_the_option_does_not_name_is_refused()
    {
        var plan = EgressProviders.Plan(
            EgressProvider.Cilium, Draft(new() { Provider = EgressProvider.Antrea }, "203.0.113.10"), [], []);

        Assert.Contains("option egressProvider Antrea", Assert.Single(plan.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EgressProvider.Cilium, true)]
    [InlineData(EgressProvider.Antrea, true)]
    [InlineData(EgressProvider.Spidernet, true)]
    [InlineData(EgressProvider.OVNKubernetes, false)]
    [InlineData(EgressProvider.KubeOVN, false)]
    public void Two_addresses_are_refused_by_those_that_take_one(EgressProvider provider, bool isRefused)
    {
        var plan = Plan(provider, EgressProviders.Find(provider)!.Kinds, "203.0.113.10", "203.0.113.11");

        Assert.Equal(isRefused, plan.Objects.Count == 0);
        Assert.Equal(isRefused, plan.Problems.Any(problem => problem.Reason == Reasons.EgressRefused));
    }

    [Fact]
    public void Known_limits_are_said()
    {
        Assert.Equal(["NoFailover", "FirstPacketsMayLeak"], LimitsOf(EgressProvider.Cilium));
        Assert.All(
            Foreign.Except([EgressProvider.Cilium]),
            provider => Assert.Equal(["FirstPacketsMayLeak"], LimitsOf(provider)));

        static IEnumerable<string> LimitsOf(EgressProvider provider) =>
            Plan(provider, EgressProviders.Find(provider)!.Kinds, "203.0.113.10")
                .Problems.Where(problem => problem.Reason != Reasons.Progressing)
                .Select(problem => problem.Reason.Name);
    }

    [Fact]
    public void What_is_not_there_yet_is_named()
    {
        var kinds = EgressProviders.Find(EgressProvider.Cilium)!.Kinds;
        var draft = Draft(new() { Provider = EgressProvider.Cilium }, "203.0.113.10");

        Assert.Contains(
            "CiliumEgressGatewayPolicy dynospace-acme is being created",
            EgressProviders.Plan(EgressProvider.Cilium, draft, kinds, []).Problems[0].Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            EgressProviders.Plan(EgressProvider.Cilium, draft, kinds, [new(kinds[0], "dynospace-acme", null)]).Problems,
            problem => problem.Reason == Reasons.Progressing);
    }

    /// <summary>Of each provider: a space's objects, and how they select.</summary>
    [Fact]
    public void Objects_select_the_spaces_dynos_alone() => Assert.All(Foreign, provider =>
    {
        var objects = Plan(provider, EgressProviders.Find(provider)!.Kinds, "203.0.113.10", "2001:db8::10").Objects;

        Assert.NotEmpty(objects);
        Assert.All(objects, made =>
        {
            Assert.Equal("acme", made.Metadata.Labels[Labels.Space]);
            Assert.Equal("egress", made.Metadata.Labels[Labels.Component]);
            Assert.Equal(made.Type.IsNamespaced, made.Metadata.NamespaceProperty is not null);
            Assert.StartsWith("dynospace-acme", made.Metadata.Name, StringComparison.Ordinal);
        });
        Assert.Contains(objects, made => made.Metadata.NamespaceProperty == "acme"
            || new[] { "io.kubernetes.pod.namespace", "kubernetes.io/metadata.name" }.Any(label =>
                made.Spec.ToJsonString().Contains($"\"{label}\":\"acme\"", StringComparison.Ordinal)));
        var all = string.Concat(objects.Select(made => made.Spec.ToJsonString()));
        Assert.Contains("203.0.113.10", all, StringComparison.Ordinal);
        Assert.Contains("2001:db8::10", all, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(
        EgressProvider.Antrea,
        1,
        """{"conditions":[{"type":"IPAssigned","status":"False","reason":"NoNode","message":"none"}]}""",
        "NoNode: none")]
    [InlineData(
        EgressProvider.Antrea, 1, """{"conditions":[{"type":"IPAssigned","status":"True"}],"egressNode":"n1"}""", null)]
    [InlineData(EgressProvider.OVNKubernetes, 0, """{"items":[{"node":"n1","egressIP":"203.0.113.10"}]}""", null)]
    [InlineData(EgressProvider.OVNKubernetes, 0, """{"items":[]}""", "egress-assignable")]
    [InlineData(EgressProvider.Spidernet, 1, """{"node":"n1"}""", null)]
    [InlineData(EgressProvider.Spidernet, 1, "{}", "no node carries it")]
    [InlineData(
        EgressProvider.KubeOVN,
        0,
        """{"conditions":[{"type":"Ready","status":"False","reason":"Processing","message":"not yet"}]}""",
        "Processing: not yet")]
    [InlineData(EgressProvider.KubeOVN, 0, """{"conditions":[{"type":"Ready","status":"True"}]}""", null)]
    [InlineData(EgressProvider.Cilium, 0, "{}", null)]
    [InlineData(EgressProvider.KubeOVN, 0, "[]", null)]
    public void Status_is_read_back(EgressProvider provider, int kind, string status, string? expected)
    {
        var foreign = EgressProviders.Find(provider)!;

        var fault = foreign.FaultIn(foreign.Kinds[kind], JsonDocument.Parse(status).RootElement);

        if (expected is null)
        {
            Assert.Null(fault);
        }
        else
        {
            Assert.Contains(expected, fault, StringComparison.Ordinal);
        }
    }

    private static ForeignPlan Plan(
        EgressProvider provider,
        IReadOnlyCollection<ProviderKind> served,
        params string[] addresses) =>
        EgressProviders.Plan(provider, Draft(new() { Provider = provider }, addresses), served, []);

    private static EgressDraft Draft(EgressOptions options, params string[] addresses) =>
        new("acme", addresses, ["10.0.0.0/8", "fd00::/8"], new() { Egress = options });
}
