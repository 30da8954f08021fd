using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Egress;

/// <summary>Condition EgressReady and what it means for the Space, the same whatever the provider.</summary>
public sealed class EgressConditionsTests
{
    private const string Address = "203.0.113.10";
    private static readonly EgressGrant Grant = new(Address, "acme", 1);

    public static TheoryData<string, SpaceEgress, string, string> Rows => new()
    {
        { "no provider", new(), "Unknown/NotProvisioned", "Ready" },
        { "the address is another's", Of() with { IPs = new() { Problems = [new(Reasons.AddressTaken, "Taken.")] } },
            "False/AddressTaken", "AddressTaken" },
        { "no gateway object yet", Of(), "False/Progressing", "Progressing" },
        { "no node may have it", Of(Gateway("False", Reasons.NoGateway)), "False/NoGateway", "NoGateway" },
        { "all is well", Of(Gateway("True", Reasons.Ready)), "True/Ready", "Ready" },
        { "ports are short", Of(Gateway("True", Reasons.PortsScarce)), "True/PortsScarce", "Ready" },
        { "old dynos run", Of(Gateway("True", Reasons.Ready)) with { Unassigned = 3 },
            "False/Progressing", "Progressing" },
        { "nothing proves it", Of(provider: EgressProvider.External), "Unknown/EgressNotProven", "EgressNotProven" },
        { "the provider's limits", Of(provider: EgressProvider.Cilium) with
            { Foreign = [new(Reasons.NoFailover, "No failover."), new(Reasons.FirstPacketsMayLeak, "Leaks.")] },
            "Unknown/EgressNotProven", "EgressNotProven" },
        { "the provider refuses", Of(provider: EgressProvider.Antrea) with
            { Foreign = [new(Reasons.EgressRefused, "No."), new(Reasons.FirstPacketsMayLeak, "Leaks.")] },
            "False/EgressRefused", "EgressRefused" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Condition_and_its_weight(string what, SpaceEgress egress, string expected, string ready)
    {
        var status = Build(egress, Sample.Options);

        var condition = Conditions.Find(status.Conditions, ConditionTypes.EgressReady)!;
        Assert.Equal((what, expected), (what, $"{condition.Status}/{condition.Reason}"));
        Assert.Equal(ready, Conditions.Find(status.Conditions, ConditionTypes.Ready)!.Reason);
    }

    [Theory]
    [InlineData(EgressProvider.External, "True/Ready")]
    [InlineData(EgressProvider.Cilium, "True/NoFailover")]
    public void With_an_echo_endpoint_the_gate_proves_it(EgressProvider provider, string expected)
    {
        var options = Sample.Options with { Egress = new() { Echo = "198.51.100.7:7878" } };
        var egress = Of(provider: provider) with
        {
            Foreign = provider == EgressProvider.Cilium ? [new(Reasons.NoFailover, "No failover.")] : [],
        };

        var status = Build(egress, options);

        var condition = Conditions.Find(status.Conditions, ConditionTypes.EgressReady)!;
        Assert.Equal(expected, $"{condition.Status}/{condition.Reason}");
        Assert.Null(status.Egress!.Waiting);
    }

    [Fact]
    public void The_status_names_what_is_held_and_what_leaves()
    {
        var status = Build(
            Of(Gateway("True", Reasons.Ready)) with
            {
                IPs = new() { Active = [Grant], Leaving = [new("203.0.113.11", "acme", 2)] },
            },
            Sample.Options);

        Assert.Equal([Address, "203.0.113.11"], status.OutboundIPs!);
        Assert.Equal(["203.0.113.11"], status.Egress!.Leaving!);
        Assert.Contains(
            "203.0.113.11 stays until the last dyno",
            Conditions.Find(status.Conditions, ConditionTypes.EgressReady)!.Message,
            StringComparison.Ordinal);
    }

    private static SpaceEgress Of(
        EgressGateway? gateway = null, EgressProvider provider = EgressProvider.Builtin) => new()
        {
            Provider = provider,
            Claim = new("acme", provider) { Addresses = [Address] },
            IPs = new() { Active = [Grant] },
            Gateway = gateway,
        };

    private static EgressGateway Gateway(string status, Reason reason) => new()
    {
        Status = new()
        {
            Conditions = [new() { Type = ConditionTypes.Ready, Status = status, Reason = reason, Message = "So." }],
        },
    };

    private static SpaceStatus Build(SpaceEgress egress, PlatformOptions options)
    {
        var space = Sample.ConnectedSpace();
        space.Spec.OutboundIPs = [Address];
        var observed = Sample.Observed(space) with { Egress = egress };
        return SpaceStatusBuilder.Build(
            observed, SpacePlanner.Plan(observed, options), new(), options, Sample.Now);
    }
}
