using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;

namespace Dynospace.Runtime.Tests.Applying;

public sealed class ApplyDecisionTests
{
    private const string Spec = """{"ports":[{"port":80}]}""";

    private static readonly OwnerIdentity Stranger = new(
        Objects.Tenants, new ObjectKey("ns", "stranger"), "stranger-uid");

    private static DesiredObject Desired => ApplierFixture.Desired(ApplierFixture.Services, "a", Spec);

    [Fact]
    public void Missing_object_is_created() => Assert.Equal(ApplyAction.Create, Decide(Desired, null).Action);

    [Fact]
    public void Equal_object_is_kept() =>
        Assert.Equal(ApplyAction.Keep, Decide(Desired, ApplierFixture.Live(Desired)).Action);

    [Fact]
    public void Defaults_and_labels_of_others_are_kept() =>
        Assert.Equal(ApplyAction.Keep, Decide(Desired, ApplierFixture.Live(
        Desired,
        spec: """{"ports":[{"port":80,"protocol":"TCP"}],"clusterIP":"10.0.0.1"}""",
        change: o => o["metadata"]!["labels"]!["x"] = "y")).Action);

    [Fact]
    public void An_item_of_a_list_lacks_kind_and_version_and_is_kept() =>
        Assert.Equal(ApplyAction.Keep, Decide(Desired, ApplierFixture.Live(
            Desired,
            change: o =>
            {
                o.Remove("apiVersion");
                o.Remove("kind");
            })).Action);

    [Fact]
    public void Drift_is_repaired_and_the_cause_names_the_place()
    {
        var decision = Decide(Desired, ApplierFixture.Live(Desired, spec: """{"ports":[{"port":81}]}"""));
        Assert.Equal(ApplyAction.Apply, decision.Action);
        Assert.Equal("spec.ports[port=80,protocol=TCP] is not as desired", decision.Cause);
    }

    [Fact]
    public void Field_that_is_no_longer_desired_is_noticed_by_the_hash()
    {
        var before = ApplierFixture.Desired(
            ApplierFixture.Services, "a", """{"ports":[{"port":80}],"sessionAffinity":"ClientIP"}""");
        Assert.Equal(ApplyAction.Apply, Decide(Desired, ApplierFixture.Live(before)).Action);
    }

    [Fact]
    public void Hash_that_was_taken_away_is_written_again() => Assert.Equal(
        ApplyAction.Apply,
        Decide(Desired, ApplierFixture.Live(Desired, change: o =>
            o["metadata"]!["annotations"]!.AsObject().Clear())).Action);

    [Fact]
    public void Object_of_another_controller_is_left_alone_whatever_its_labels_say()
    {
        var live = ApplierFixture.Live(Desired, Stranger, change: o =>
            o["metadata"]!["labels"]![ApplierFixture.Label] = "owner-uid");
        foreach (var mayAdopt in new[] { false, true })
        {
            var decision = Decide(Desired with { MayAdopt = mayAdopt }, live);
            Assert.Equal(ApplyAction.LeaveForeign, decision.Action);
            Assert.Contains("controlled by Tenant stranger", decision.Cause, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unowned_object_is_left_alone_unless_it_may_be_adopted()
    {
        var live = ApplierFixture.Live(Desired, change: Strip);
        Assert.Equal(ApplyAction.LeaveForeign, Decide(Desired, live).Action);
        Assert.Equal(ApplyAction.Apply, Decide(Desired with { MayAdopt = true }, live).Action);
    }

    [Fact]
    public void Namesake_of_an_earlier_owner_of_the_same_name_is_foreign()
    {
        var earlier = ApplierFixture.Owner with { Uid = "earlier-uid" };
        Assert.Equal(ApplyAction.LeaveForeign, Decide(Desired, ApplierFixture.Live(Desired, earlier)).Action);
    }

    [Fact]
    public void Owner_reference_that_was_taken_away_is_healed()
    {
        var live = ApplierFixture.Live(Desired, change: o => o["metadata"]!.AsObject().Remove("ownerReferences"));
        var decision = Decide(Desired, live);
        Assert.Equal(ApplyAction.Apply, decision.Action);
        Assert.Contains("ownerReferences", decision.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Terminating_object_is_awaited() => Assert.Equal(
        ApplyAction.AwaitEnd,
        Decide(Desired, ApplierFixture.Live(Desired, change: o =>
            o["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z")).Action);

    [Fact]
    public void Terminating_object_of_another_owner_is_foreign() => Assert.Equal(
        ApplyAction.LeaveForeign,
        Decide(Desired, ApplierFixture.Live(Desired, Stranger, change: o =>
            o["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z")).Action);

    [Fact]
    public void Without_content_hash_labels_and_annotations_decide()
    {
        Assert.Equal(
            ApplyAction.Keep,
            Decide(Desired, ApplierFixture.Live(Desired, spec: """{"drift":1}""", keepContent: false)).Action);
        var relabelled = Desired;
        relabelled.Content["metadata"]!["labels"] = new JsonObject { ["tier"] = "web" };
        var live = ApplierFixture.Live(relabelled, change: o =>
            o["metadata"]!["labels"]!["tier"] = "db", keepContent: false);
        Assert.Equal("metadata.labels.tier is not as desired", Decide(relabelled, live).Cause);
    }

    [Fact]
    public void Spec_of_a_pod_is_not_compared_since_it_cannot_drift_and_admission_adds_to_it()
    {
        var pod = ApplierFixture.Desired(
            ApplierFixture.Pods, "p", """{"tolerations":[],"containers":[{"name":"c","image":"i"}]}""");
        var live = ApplierFixture.Live(
            pod, spec: """{"tolerations":[{"key":"added"}],"containers":[{"name":"c","image":"i"}]}""");
        Assert.Equal(ApplyAction.Keep, Decide(pod, live).Action);
    }

    private static void Strip(JsonObject content)
    {
        content["metadata"]!.AsObject().Remove("ownerReferences");
        content["metadata"]!.AsObject().Remove("labels");
    }

    private static ApplyDecision Decide(DesiredObject desired, LiveObject? live) => ApplyDecision.Decide(
        ObjectPreparation.Prepare(
            desired, ApplierFixture.Owner, ApplierFixture.Options), live, ApplierFixture.Owner, ApplierFixture.Options);
}
