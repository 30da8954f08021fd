using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Spaces;

public sealed class SpacePlannerTests
{
    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(false, false, false)]
    public void A_policy_with_any_mark_of_the_space_is_put_back_and_one_without_is_left(
        bool labels, bool annotation, bool owner)
    {
        var space = Sample.Space();
        var edited = new PolicyFacts
        {
            Name = "default-deny",
            Uid = "uid-policy",
            Space = labels ? "acme" : null,
            SpaceUid = annotation ? space.Metadata.Uid : null,
            OwnerUid = owner ? space.Metadata.Uid : null,
        };

        var plan = SpacePlanner.Plan(Sample.Observed(space) with { Policies = [edited] }, Sample.Options);

        var isOurs = labels || annotation || owner;
        Assert.Equal(isOurs, plan.Policies.Any(policy => policy.Metadata.Name == "default-deny"));
        Assert.Equal(!isOurs, plan.Warnings.Any(warning => warning.Reason == Reasons.NameTaken));
    }

    [Fact]
    public void A_namespace_that_is_missing_is_made()
    {
        var plan = SpacePlanner.Plan(new() { Space = Sample.Space() }, Sample.Options);

        Assert.Null(plan.Problem);
        Assert.Equal("acme", plan.Namespace?.Metadata.Name);
        Assert.NotEmpty(plan.Policies);
    }

    [Fact]
    public void A_namespace_of_others_is_not_touched()
    {
        var plan = SpacePlanner.Plan(
            new() { Space = Sample.Space(), Namespace = new() { Uid = "other" } }, Sample.Options);

        Assert.Equal(Reasons.NamespaceNotAdopted, plan.Problem?.Reason);
        Assert.Contains("dynospace.dev/adopt=acme", plan.Problem?.Message, StringComparison.Ordinal);
        Assert.Null(plan.Namespace);
        Assert.Empty(plan.Policies);
        Assert.Empty(plan.PoliciesToDelete);
    }

    [Theory]
    [InlineData("acme", true)]
    [InlineData("another", false)]
    public void The_annotation_lets_the_space_it_names_adopt(string adopter, bool isAdopted)
    {
        var found = new NamespaceFacts
        {
            Annotations = new Dictionary<string, string> { [Annotations.Adopt] = adopter },
        };

        Assert.Equal(
            isAdopted,
            SpacePlanner.Plan(new() { Space = Sample.Space(), Namespace = found }, Sample.Options).Problem is null);
    }

    [Fact]
    public void A_label_does_not_make_a_namespace_the_spaces_own()
    {
        var imitated = Sample.NamespaceOf(Sample.Space()) with { Annotations = new Dictionary<string, string>() };

        Assert.Equal(
            Reasons.NamespaceNotAdopted,
            SpacePlanner.Plan(new() { Space = Sample.Space(), Namespace = imitated }, Sample.Options).Problem?.Reason);
    }

    [Fact]
    public void A_namespace_that_is_being_deleted_is_waited_for()
    {
        var observed = Sample.Observed(Sample.Space());
        observed = observed with { Namespace = observed.Namespace! with { IsTerminating = true } };

        var plan = SpacePlanner.Plan(observed, Sample.Options);

        Assert.Equal(Reasons.NamespaceTerminating, plan.Problem?.Reason);
        Assert.Null(plan.Namespace);
        Assert.NotNull(plan.RecheckAfter);
    }

    [Fact]
    public void A_policy_that_is_not_wanted_any_more_is_deleted()
    {
        var connected = Sample.Observed(Sample.ConnectedSpace());
        var before = SpacePlanner.Plan(connected, Sample.Options).Policies;
        var bare = Sample.Observed(Sample.Space(SpaceRuntime.Private)) with
        {
            Policies = [.. before.Select(PolicyFacts.FromPolicy)],
        };

        Assert.Equal(
            ["data-service-orders-db", "data-services", "peer-networks"],
            SpacePlanner.Plan(bare, Sample.Options).PoliciesToDelete.Select(policy => policy.Name).Order());
    }

    [Fact]
    public void A_policy_of_others_is_left_alone_and_reported()
    {
        var observed = Sample.Observed(Sample.Space()) with
        {
            Policies = [new() { Name = "allow-monitoring", Uid = "x" }],
        };

        var plan = SpacePlanner.Plan(observed, Sample.Options);

        Assert.Empty(plan.PoliciesToDelete);
        var warning = Assert.Single(plan.Warnings);
        Assert.Equal(Reasons.ForeignPolicies, warning.Reason);
        Assert.Contains("allow-monitoring", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_name_that_others_took_keeps_the_space_from_being_isolated_and_the_rest_goes_on()
    {
        var observed = Sample.Observed(Sample.Space()) with { Policies = [new() { Name = "default-deny", Uid = "x" }] };

        var plan = SpacePlanner.Plan(observed, Sample.Options);
        var status = SpaceStatusBuilder.Build(observed, plan, new(), Sample.Options, Sample.Now);

        Assert.DoesNotContain(plan.Policies, policy => policy.Metadata.Name == "default-deny");
        Assert.Contains(plan.Policies, policy => policy.Metadata.Name == "router-to-web");
        Assert.Equal(Reasons.NameTaken, Conditions.Find(status.Conditions, ConditionTypes.NetworkIsolated)?.Reason);
        Assert.False(Conditions.IsTrue(status.Conditions, ConditionTypes.NetworkIsolated));
    }

    [Fact]
    public void A_region_without_nodes_is_reported()
    {
        var observed = Sample.Observed(Sample.Space()) with
        {
            Cluster = Sample.Cluster with { Regions = ["frankfurt"] },
        };

        Assert.Equal(
            Reasons.RegionNotFound, Assert.Single(SpacePlanner.Plan(observed, Sample.Options).Warnings).Reason);
        Assert.Empty(
            SpacePlanner.Plan(
                observed,
                Sample.Options with
                {
                    Regions = new() { Values = new Dictionary<string, string> { ["oregon"] = "frankfurt" } },
                }).Warnings);
        Assert.Empty(
            SpacePlanner.Plan(observed, Sample.Options with { Regions = new() { IsRequired = false } }).Warnings);
    }

    [Fact]
    public void A_data_service_whose_selector_matches_nothing_is_reported()
    {
        var observed = Sample.Observed(Sample.ConnectedSpace()) with
        {
            DataServicePods = new Dictionary<string, int> { ["orders-db"] = 0, ["search"] = 2 },
        };

        var warning = Assert.Single(SpacePlanner.Plan(observed, Sample.Options).Warnings);

        Assert.Equal(Reasons.SelectorMatchesNothing, warning.Reason);
        Assert.Contains("orders-db", warning.Message, StringComparison.Ordinal);
    }
}
