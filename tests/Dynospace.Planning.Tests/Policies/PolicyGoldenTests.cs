using Dynospace.Api.Spaces;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Policies;

public sealed class PolicyGoldenTests
{
    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void A_space_becomes_these_objects(SpaceRuntime runtime)
    {
        var space = runtime == SpaceRuntime.Common ? Sample.Space() : Sample.ConnectedSpace(runtime);

        Verify(runtime.ToString().ToLowerInvariant(), space);
    }

    [Fact]
    public void Egress_rules_narrow_the_internet()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.Egress = new()
        {
            Rules =
            [
                new() { Cidr = "203.0.113.0/24", Protocol = NetworkProtocol.TCP, Port = 443 },
                new() { Cidr = "0.0.0.0/0", Protocol = NetworkProtocol.Any, Port = 8000, EndPort = 8010 },
                new() { Cidr = "2001:db8:7::/48", Protocol = NetworkProtocol.UDP },
            ],
        };

        Verify("private-narrowed", space);
    }

    private static void Verify(string caseName, Space space)
    {
        var plan = SpacePlanner.Plan(Sample.Observed(space), Sample.Options);

        Assert.Null(plan.Problem);
        Assert.Empty(plan.Warnings);
        Golden.Verify(caseName, "space", [plan.Namespace!, .. plan.Policies]);
    }
}
