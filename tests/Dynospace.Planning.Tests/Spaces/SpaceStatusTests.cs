using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Spaces;

public sealed class SpaceStatusTests
{
    [Fact]
    public void A_space_that_was_applied_is_ready()
    {
        var status = Build(Sample.Observed(Sample.ConnectedSpace()) with { Apps = 2, Dynos = new(4, 4, 3) });

        Assert.Equal("acme", status.Namespace);
        Assert.Equal(2, status.Apps);
        Assert.Equal("3/4", status.Dynos);
        Assert.Contains("169.254.0.0/16", status.DeniedRanges!);
        Assert.Equal(
            [
                "IsolationVerified=Unknown/NotVerified",
                "NamespaceReady=True/Ready",
                "NetworkIsolated=True/Applied",
                "Ready=True/Ready",
                "RouterReady=True/Ready",
            ],
            Summary(status));
    }

    [Theory]
    [InlineData(0, 0, true, DynoNetworkKind.PerDynoSubnet)]
    [InlineData(0, 0, false, DynoNetworkKind.ClusterDefault)]
    [InlineData(3, 0, true, DynoNetworkKind.PerDynoSubnet)]
    [InlineData(3, 0, false, DynoNetworkKind.PerDynoSubnet)]
    [InlineData(2, 1, true, DynoNetworkKind.ClusterDefault)]
    [InlineData(0, 3, true, DynoNetworkKind.ClusterDefault)]
    public void A_space_promises_subnets_while_no_dyno_is_without(
        int withSubnet, int without, bool isGiven, DynoNetworkKind expected)
    {
        var observed = Sample.Observed(Sample.ConnectedSpace());

        var status = Build(observed with
        {
            Cluster = observed.Cluster with { HasDynoNetwork = isGiven },
            Dynos = new(3, 3, 3) { WithSubnet = withSubnet, WithoutSubnet = without },
        });

        Assert.Equal(expected, status.DynoNetwork);
    }

    [Fact]
    public void Several_warnings_read_as_one_sentence_in_parts()
    {
        var status = Build(Sample.Observed(Sample.ConnectedSpace()) with
        {
            DataServicePods = new Dictionary<string, int> { ["orders-db"] = 0, ["search"] = 0 },
        });

        var isolated = Conditions.Find(status.Conditions, ConditionTypes.NetworkIsolated);
        Assert.Contains("or start the service; spec.dataServices[search]", isolated?.Message, StringComparison.Ordinal);
        Assert.EndsWith("or start the service.", isolated?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_that_nothing_provides_yet_are_not_reported_as_if_they_were_in_use()
    {
        var space = Sample.ConnectedSpace();
        space.Spec.OutboundIPs = ["203.0.113.10"];

        var status = Build(Sample.Observed(space));

        Assert.Null(status.OutboundIPs);
        var egress = Conditions.Find(status.Conditions, ConditionTypes.EgressReady);
        Assert.Equal((ConditionStatus.Unknown, Reasons.NotProvisioned), (egress?.Status, egress?.Reason));
    }

    [Theory]
    [InlineData(true, "Stalled")]
    [InlineData(false, "Reconciling")]
    public void What_could_not_be_applied_is_not_isolated(bool isPermanent, string kstatus)
    {
        var status = Build(
            Sample.Observed(Sample.Space()),
            new(new(Reasons.ApplyFailed, "refused"), IsRetrying: !isPermanent) { IsPermanent = isPermanent });

        Assert.False(Conditions.IsTrue(status.Conditions, ConditionTypes.NetworkIsolated));
        Assert.True(Conditions.IsTrue(status.Conditions, kstatus));
    }

    [Theory]
    [InlineData(true, ConditionStatus.True, nameof(Reasons.Enforced), true)]
    [InlineData(false, ConditionStatus.False, nameof(Reasons.NotEnforced), false)]
    [InlineData(null, ConditionStatus.Unknown, nameof(Reasons.NotVerified), true)]
    public void The_conditions_show_the_last_trial_of_enforcement(
        bool? isEnforced, string verified, string reason, bool isReady)
    {
        var status = Build(Tried(isEnforced));

        var condition = Conditions.Find(status.Conditions, ConditionTypes.IsolationVerified);
        Assert.Equal((verified, reason), (condition?.Status, condition?.Reason));
        Assert.Equal(isReady, Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(null, false)]
    public void A_space_whose_dynos_wait_for_proof_is_not_ready_before_it(bool? isEnforced, bool isReady)
    {
        var options = Sample.Options with { Isolation = new() { IsProofRequired = true } };
        var untried = Sample.Observed(Sample.Space());
        var tried = Tried(isEnforced);

        Assert.Equal(isReady, Conditions.IsTrue(Of(tried).Conditions, ConditionTypes.Ready));
        Assert.True(Conditions.IsTrue(Of(untried).Conditions, ConditionTypes.Reconciling));
        Assert.True(
            Conditions.IsTrue(
                Of(untried with { Cluster = Sample.Cluster with { IsSimulated = true } }).Conditions,
                ConditionTypes.Ready));

        SpaceStatus Of(ObservedSpace observed) =>
            SpaceStatusBuilder.Build(observed, SpacePlanner.Plan(observed, options), new(), options, Sample.Now);
    }

    [Fact]
    public void A_dev_cluster_says_that_it_simulates()
    {
        var observed = Tried(isEnforced: false) with { Cluster = Sample.Cluster with { IsSimulated = true } };

        var status = Build(observed);

        Assert.Equal(Reasons.Simulated, Conditions.Find(status.Conditions, ConditionTypes.IsolationVerified)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Theory]
    [InlineData(ConditionStatus.True, nameof(Reasons.Enforced), false)]
    [InlineData(ConditionStatus.Unknown, nameof(Reasons.Simulated), false)]
    [InlineData(ConditionStatus.Unknown, nameof(Reasons.NotVerified), true)]
    [InlineData(ConditionStatus.False, nameof(Reasons.NotEnforced), true)]
    public void Dynos_wait_for_proof_where_the_options_ask_for_it(string verified, string reason, bool isBlocked)
    {
        var space = Sample.Space();
        space.Status = new()
        {
            Conditions =
            [
                Condition(ConditionTypes.NetworkIsolated, ConditionStatus.True, Reasons.Applied),
                Condition(ConditionTypes.IsolationVerified, verified, reason),
            ],
        };

        Assert.Null(SpaceFacts.FromSpace(space, ClusterFacts.Unknown, Sample.Options).Blocker);
        Assert.Equal(
            isBlocked,
            SpaceFacts.FromSpace(
                space,
                ClusterFacts.Unknown,
                Sample.Options with { Isolation = new() { IsProofRequired = true } }).Blocker is not null);
    }

    [Fact]
    public void A_space_of_which_nothing_is_known_blocks() =>
        Assert.Equal(
            Reasons.SpaceNotReady,
            SpaceFacts.FromSpace(Sample.Space(), ClusterFacts.Unknown, Sample.Options).Blocker?.Reason);

    [Fact]
    public void A_second_look_changes_nothing()
    {
        var observed = Sample.Observed(Sample.ConnectedSpace());
        var first = Build(observed);
        observed.Space.Status = first;

        var second = SpaceStatusBuilder.Build(
            observed, SpacePlanner.Plan(observed, Sample.Options), new(), Sample.Options, Sample.Now.AddHours(1));

        Assert.True(second.IsEquivalentTo(first));
    }

    private static SpaceStatus Build(ObservedSpace observed, ApplyOutcome? policies = null) =>
        SpaceStatusBuilder.Build(
            observed,
            SpacePlanner.Plan(observed, Sample.Options),
            new() { Policies = policies ?? ApplyOutcome.Success },
            Sample.Options,
            Sample.Now);

    private static ObservedSpace Tried(bool? isEnforced)
    {
        var space = Sample.Space();
        space.Status = new()
        {
            Isolation = new()
            {
                Result = isEnforced switch
                {
                    true => TrialResult.Enforced,
                    false => TrialResult.NotEnforced,
                    _ => TrialResult.NotVerified,
                },
                Message = "seen",
                Obstacle = isEnforced is null ? "no node" : null,
            },
        };
        return Sample.Observed(space);
    }

    private static IEnumerable<string> Summary(SpaceStatus status) =>
        status.Conditions!.Select(c => $"{c.Type}={c.Status}/{c.Reason}");

    private static V1Condition Condition(string type, string status, string reason) =>
        new() { Type = type, Status = status, Reason = reason, Message = "" };
}
