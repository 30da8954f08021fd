using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;

namespace Dynospace.Runtime.Tests.Applying;

public sealed class PruneDecisionTests
{
    private static readonly DesiredObject Child = ApplierFixture.Desired(ApplierFixture.Services, "child");

    [Fact]
    public void What_the_owner_no_longer_wants_is_pruned_and_what_it_wants_is_not()
    {
        var kept = ApplierFixture.Desired(ApplierFixture.Services, "kept");
        Assert.Equal(["child"], Victims(ApplierFixture.Live(Child), [kept], ApplierFixture.Live(kept)));
    }

    [Fact]
    public void Same_name_of_another_kind_is_another_object() =>
        Assert.Equal(
            ["child"], Victims(ApplierFixture.Live(Child), [ApplierFixture.Desired(ApplierFixture.Policies, "child")]));

    [Fact]
    public void A_set_that_does_not_prune_prunes_nothing()
    {
        var set = new ApplySet(ApplierFixture.Owner, [], [ApplierFixture.Live(Child)]) { Prune = false };
        Assert.Empty(PruneDecision.Victims(set, ApplierFixture.Options));
    }

    [Fact]
    public void Object_on_its_way_out_is_not_deleted_again() =>
        Assert.Empty(Victims(ApplierFixture.Live(Child, change: o =>
            o["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z"), []));

    [Theory]
    [InlineData("owner-uid", "owner-uid", true)]
    [InlineData("owner-uid", null, false)] // a user detached it
    [InlineData("owner-uid", "other-uid", false)]
    [InlineData("other-uid", "owner-uid", false)] // a label alone can be forged
    [InlineData(null, "owner-uid", true)] // where an owner reference cannot be
    [InlineData(null, null, false)]
    public void Owner_uid_and_label_must_both_agree(string? controller, string? label, bool expected)
    {
        var live = ApplierFixture.Live(Child, change: content =>
        {
            var metadata = content["metadata"]!.AsObject();
            metadata["labels"] = label is null ? [] : new JsonObject { [ApplierFixture.Label] = label };
            metadata["ownerReferences"] = controller is null
                ? []
                : new JsonArray(new JsonObject
                {
                    ["uid"] =
                    controller,
                    ["controller"] = true,
                    ["kind"] = "Tenant",
                    ["name"] = "x"
                });
        });
        Assert.Equal(expected, Victims(live, []).Any());
    }

    [Fact]
    public void Child_in_another_namespace_is_pruned_by_its_label()
    {
        var child = ApplierFixture.Desired(Objects.Namespaces, "space", null, null);
        Assert.Equal(["space"], Victims(ApplierFixture.Live(child), []));
    }

    private static IEnumerable<string> Victims(
        LiveObject live, IReadOnlyList<DesiredObject> desired, params LiveObject[] more) =>
        PruneDecision.Victims(new ApplySet(
            ApplierFixture.Owner, desired, [live, .. more]), ApplierFixture.Options).Select(v => v.Key.Name);
}
