using CsCheck;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Egress;

/// <summary>Which dyno has which of a space's addresses, when it moves, and the gate in front of it.</summary>
public sealed class FixedIPsTests
{
    private const string First = "203.0.113.10";
    private const string Second = "203.0.113.11";

    [Fact]
    public void Dynos_of_a_process_type_are_spread_evenly() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 60]).Sample((ips, dynos) =>
        {
            var fixedIPs = new FixedIPs(
                EgressProvider.Builtin, Enumerable.Range(0, ips).Select(i => $"203.0.113.{i}"));
            var counts = Enumerable.Range(1, dynos)
                .SelectMany(index => fixedIPs.For("shop", "web", index))
                .CountBy(address => address)
                .ToDictionary();
            return counts.Count == Math.Min(ips, dynos) && counts.Values.Max() - counts.Values.Min() <= 1;
        });

    [Fact]
    public void A_dyno_has_one_address_of_each_family()
    {
        var fixedIPs = new FixedIPs(EgressProvider.Builtin, [First, Second, "2001:db8::10"]);

        var chosen = fixedIPs.For("shop", "web", 1);

        Assert.Equal(2, chosen.Count);
        Assert.Equal("2001:db8::10", chosen[1]);
        Assert.True(fixedIPs.Fits(chosen));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData(null, First, true)]
    [InlineData(First, null, true)]
    [InlineData(First, First, false)]
    [InlineData(First, Second, true)]
    [InlineData(First, "", false)]
    public void A_dyno_moves_only_when_it_must(string? has, string? space, bool mustMove)
    {
        var dyno = new Dyno { Spec = new() { OutboundIPs = has is null ? null : [has] } };
        var fixedIPs = space switch
        {
            null => null,
            "" => new FixedIPs(EgressProvider.Builtin, []),
            _ => new FixedIPs(EgressProvider.Builtin, [space]),
        };

        Assert.Equal(mustMove, AppDynos.MustMove(dyno, fixedIPs));
    }

    [Fact]
    public void An_address_that_is_added_moves_nothing() => Assert.False(AppDynos.MustMove(
        new() { Spec = new() { OutboundIPs = [First] } }, new(EgressProvider.Builtin, [First, Second])));

    [Fact]
    public void A_second_family_moves_all() => Assert.True(AppDynos.MustMove(
        new() { Spec = new() { OutboundIPs = [First] } }, new(EgressProvider.Builtin, [First, "2001:db8::10"])));

    [Fact]
    public void A_space_that_gets_fixed_ips_moves_a_quarter_at_a_time()
    {
        var app = Sample.App("shop", ("web", 8));
        var observed = Sample.Observed(app) with
        {
            Space = Sample.ReadySpace() with { FixedIPs = new(EgressProvider.Builtin, [First]) },
            Dynos = [.. Enumerable.Range(1, 8).Select(index => Sample.UpDyno(app, "web", index))],
        };

        var plan = new FormationPlanner(observed, [.. Formation.FromSpec(app)]).Plan(Sample.Release(), isNewest: true);

        Assert.Equal(2, plan.ToApply.Count);
        Assert.All(plan.ToApply, dyno => Assert.Equal([First], dyno.Spec.OutboundIPs!));
    }

    [Fact]
    public void Dynos_of_a_space_without_fixed_ips_stay_as_they_are()
    {
        var app = Sample.App("shop", ("web", 2));
        var pod = Pod(null, app);

        Assert.Null(pod.Spec.InitContainers);
        Assert.Equal(
            ["cluster-autoscaler.kubernetes.io/safe-to-evict", "dynospace.dev/template-hash"],
            pod.Metadata.Annotations.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_pod_says_by_which_addresses_it_leaves()
    {
        var pod = Pod(new(EgressProvider.Builtin, [First, "2001:db8::10"]));

        Assert.Equal(First, pod.Metadata.Annotations[Annotations.OutboundIP]);
        Assert.Equal("2001:db8::10", pod.Metadata.Annotations[Annotations.OutboundIP6]);
    }

    /// <summary>Of IPv6 alone it is asked by IPv6, at the address that the node agents know.</summary>
    [Theory]
    [InlineData("[fdd7:5e0e:6772::77]:7877", "2001:db8::10")]
    [InlineData("169.254.77.77:7877", "203.0.113.10", "2001:db8::10")]
    public void The_gate_is_asked_in_a_family_that_the_dyno_has_an_address_of(string gate, params string[] addresses)
    {
        var pod = Pod(new(EgressProvider.Builtin, addresses));

        Assert.Equal(["--gate", gate], Assert.Single(pod.Spec.InitContainers).Args.Take(2));
    }

    [Theory]
    [InlineData(EgressProvider.Builtin, null, "--gate 169.254.77.77:7877 --expect 203.0.113.10 --timeout 300s")]
    [InlineData(
        EgressProvider.Builtin,
        "198.51.100.7:7878",
        "--gate 169.254.77.77:7877 --expect 203.0.113.10 --timeout 300s")]
    [InlineData(
        EgressProvider.External,
        "198.51.100.7:7878",
        "--echo 198.51.100.7:7878 --expect 203.0.113.10,203.0.113.11 --timeout 300s")]
    [InlineData(EgressProvider.Cilium, null, null)]
    public void The_gate_asks_who_sees_its_address(EgressProvider provider, string? echo, string? arguments)
    {
        string[] addresses = provider == EgressProvider.Builtin ? [First] : [First, Second];

        var pod = Pod(new(provider, addresses), options: new() { Egress = new() { Echo = echo } });

        Assert.Equal(arguments, pod.Spec.InitContainers is [var gate] ? string.Join(' ', gate.Args) : null);
    }

    [Fact]
    public void The_gate_passes_pod_security_restricted()
    {
        var gate = Assert.Single(Pod(new(EgressProvider.Builtin, [First])).Spec.InitContainers);

        Assert.Equal("gate", gate.Name);
        Assert.False(gate.SecurityContext.AllowPrivilegeEscalation);
        Assert.True(gate.SecurityContext.RunAsNonRoot);
        Assert.True(gate.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], gate.SecurityContext.Capabilities.Drop);
        Assert.True(gate.SecurityContext.RunAsUser > 0);
    }

    [Fact]
    public void A_run_that_asks_for_an_address_of_another_space_gets_no_pod()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Status = new() { Release = 1 };
        var run = Sample.Dyno(app, "run", 7);
        run.Spec.OutboundIPs = ["203.0.113.99"];

        var plan = Plan(run, app, new(EgressProvider.Builtin, [First]));

        Assert.Null(plan.Pod);
        Assert.Equal(Reasons.AddressRefused, plan.Problem!.Reason);
        Assert.Contains("spec.outboundIPs 203.0.113.99", plan.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("203.0.113.10", false, null)]
    [InlineData("", false, "waits for its outbound IPs")]
    [InlineData("203.0.113.10", true, "waits for proof")]
    public void No_dyno_starts_before_it_can_have_an_address(string address, bool isWaiting, string? expected)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Status = new()
        {
            OutboundIPs = address.Length > 0 ? [address] : null,
            Egress = new() { Provider = EgressProvider.External, Waiting = isWaiting ? true : null },
            Dns = new() { Addresses = ["10.96.7.7"] },
            Conditions = [new() { Type = ConditionTypes.NetworkIsolated, Status = "True" }],
        };

        var blocker = SpaceFacts.FromSpace(space, Sample.Options).Blocker;

        if (expected is null)
        {
            Assert.Null(blocker);
        }
        else
        {
            Assert.Contains(expected, blocker!.Message, StringComparison.Ordinal);
        }
    }

    private static V1Pod Pod(
        FixedIPs? fixedIPs, Api.Apps.App? app = null, PlatformOptions? options = null)
    {
        app ??= Sample.App("shop", ("web", 1));
        return Plan(Sample.Dyno(app, "web", 1), app, fixedIPs, options).Pod!;
    }

    private static DynoPlan Plan(Dyno dyno, Api.Apps.App app, FixedIPs? fixedIPs, PlatformOptions? options = null)
    {
        var observed = Sample.Observed(dyno, app);
        return DynoPlanner.Plan(
            observed with { Space = observed.Space! with { FixedIPs = fixedIPs } }, options ?? Sample.Options);
    }
}
