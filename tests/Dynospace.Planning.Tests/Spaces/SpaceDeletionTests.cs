using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Children;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Spaces;

public sealed class SpaceDeletionTests
{
    [Fact]
    public void Dynos_and_routers_go_before_policies_and_these_before_the_namespace()
    {
        var observed = Deleting();
        var full = observed with
        {
            Apps = 1,
            Dynos = new(2, 2, 2),
            DynoPods = 2,
            Policies = PoliciesOf(observed.Space),
            RouterParts = Parts(9),
            RouterPods = 2,
        };
        var gone = full with { Apps = 0, Dynos = DynoCounts.None, DynoPods = 0 };

        SpaceDeletionStep?[] steps =
        [
            Step(full),
            Step(full with { Apps = 0 }),
            Step(full with { Apps = 0, Dynos = DynoCounts.None }),
            Step(gone),
            Step(gone with { RouterPods = 0 }),
            Step(gone with { RouterParts = [], RouterPods = 0 }),
            Step(observed),
            Step(observed with { Namespace = observed.Namespace! with { IsTerminating = true } }),
            Step(observed with { Namespace = null }),
        ];

        Assert.Equal(
            [
                SpaceDeletionStep.DeleteApps,
                SpaceDeletionStep.DeleteApps,
                SpaceDeletionStep.WaitForDynos,
                SpaceDeletionStep.WaitForRouters,
                SpaceDeletionStep.WaitForRouters, SpaceDeletionStep.DeletePolicies,
                SpaceDeletionStep.DeleteNamespace, SpaceDeletionStep.WaitForNamespace, SpaceDeletionStep.Done,
            ],
            steps);
    }

    [Fact]
    public void Policies_stay_in_force_and_none_is_deleted_while_a_dynos_pod_exists()
    {
        var observed = Deleting() with { DynoPods = 1 };
        observed = observed with { Policies = PoliciesOf(observed.Space) };

        var plan = SpacePlanner.Plan(observed, Sample.Options);

        Assert.Empty(plan.PoliciesToDelete);
        Assert.Contains(plan.Policies, policy => policy.Metadata.Name == "default-deny");
    }

    [Fact]
    public void Policies_outlive_the_canaries_too()
    {
        var observed = Deleting();
        observed = observed with
        {
            Canaries = [new() { Namespace = "acme", Name = "canary-probe-x", Uid = "c" }],
            Policies = PoliciesOf(observed.Space),
        };

        Assert.Equal(SpaceDeletionStep.WaitForDynos, Step(observed));
        Assert.Empty(SpacePlanner.Plan(observed, Sample.Options).PoliciesToDelete);
    }

    [Fact]
    public void Routers_go_with_the_dynos_and_policies_stay_until_they_are_gone()
    {
        var observed = Deleting() with { RouterParts = Parts(1) };

        var plan = SpacePlanner.Plan(observed with { Policies = PoliciesOf(observed.Space) }, Sample.Options);

        Assert.Empty(plan.Routers.Children.Objects);
        Assert.Equal("part-0", Assert.Single(plan.Routers.Children.Deletions).Child.Name);
        Assert.Empty(plan.PoliciesToDelete);
        Assert.Contains(plan.Policies, policy => policy.Metadata.Name == "router-to-web");
        Assert.Equal(SpaceDeletionStep.WaitForRouters, Step(observed with { Namespace = null }));
    }

    [Fact]
    public void Only_this_spaces_own_policies_are_deleted()
    {
        var observed = Deleting();
        observed = observed with
        {
            Policies =
            [
                .. PoliciesOf(observed.Space),
                new() { Name = "foreign", Uid = "f" },
                new() { Name = "of-a-namesake", Uid = "n", Space = "acme", SpaceUid = "older" },
            ],
        };

        var names = SpacePlanner.Plan(observed, Sample.Options).PoliciesToDelete.Select(policy => policy.Name).ToList();

        Assert.Contains("default-deny", names);
        Assert.DoesNotContain("foreign", names);
        Assert.DoesNotContain("of-a-namesake", names);
    }

    [Fact]
    public void An_adopted_namespace_is_released_and_not_deleted()
    {
        var observed = Deleting();
        var annotations = new Dictionary<string, string>(observed.Namespace!.Annotations)
        {
            [Annotations.Adopt] = "acme",
        };
        observed = observed with { Namespace = observed.Namespace with { Annotations = annotations } };

        var plan = SpacePlanner.Plan(observed, Sample.Options);

        Assert.Equal(SpaceDeletionStep.ReleaseNamespace, plan.Deletion);
        Assert.Contains(Labels.Space, plan.LabelsToRemove);
        Assert.Contains("pod-security.kubernetes.io/enforce", plan.LabelsToRemove);
        Assert.Contains(Labels.OwnerUid, plan.LabelsToRemove);
        Assert.Equal([Annotations.Applied, Annotations.SpaceUid], plan.AnnotationsToRemove);
    }

    [Fact]
    public void A_released_namespace_is_done_with()
    {
        var released = new NamespaceFacts
        {
            Annotations = new Dictionary<string, string> { [Annotations.Adopt] = "acme" },
        };

        Assert.Equal(SpaceDeletionStep.Done, Step(Deleting() with { Namespace = released }));
    }

    [Fact]
    public void A_namespace_that_was_never_the_spaces_own_is_left_as_it_is()
    {
        var plan = SpacePlanner.Plan(
            Deleting() with { Namespace = new() { Uid = "other" }, Apps = 3, DynoPods = 3 }, Sample.Options);

        Assert.Equal(SpaceDeletionStep.Done, plan.Deletion);
        Assert.Empty(plan.Policies);
        Assert.Empty(plan.PoliciesToDelete);
    }

    [Fact]
    public void A_space_that_is_being_deleted_says_what_it_waits_for()
    {
        var observed = Deleting() with { DynoPods = 2 };

        var status = SpaceStatusBuilder.Build(
            observed, SpacePlanner.Plan(observed, Sample.Options), new(), Sample.Options, Sample.Now);

        var ready = Conditions.Find(status.Conditions, ConditionTypes.Ready);
        Assert.Equal((ConditionStatus.False, Reasons.Deleting), (ready?.Status, ready?.Reason));
        Assert.Contains("2 pods", ready?.Message, StringComparison.Ordinal);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.NetworkIsolated));
        Assert.NotNull(SpaceFacts.FromSpace(observed.Space, ClusterFacts.Unknown, Sample.Options).Blocker);
    }

    private static ObservedSpace Deleting()
    {
        var space = Sample.Space();
        space.Metadata.DeletionTimestamp = Sample.Now.UtcDateTime;
        return Sample.Observed(Sample.Space()) with { Space = space };
    }

    private static IReadOnlyList<ObservedChild> Parts(int count) =>
    [
        .. Enumerable.Range(0, count)
            .Select(i => new ObservedChild(ChildIdentity.For<V1Role>("acme", $"part-{i}", $"uid-{i}"))
            {
                OwnerUid = "uid-space-acme",
            }),
    ];

    private static SpaceDeletionStep? Step(ObservedSpace observed) =>
        SpacePlanner.Plan(observed, Sample.Options).Deletion;

    private static IReadOnlyList<PolicyFacts> PoliciesOf(Space space)
    {
        var living = Sample.Space(space.Spec.Runtime, space.Metadata.Name);
        return [.. SpacePlanner.Plan(Sample.Observed(living), Sample.Options).Policies.Select(PolicyFacts.FromPolicy)];
    }
}
