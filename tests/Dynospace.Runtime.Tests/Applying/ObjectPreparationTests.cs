using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;

namespace Dynospace.Runtime.Tests.Applying;

public sealed class ObjectPreparationTests
{
    [Fact]
    public void Object_is_stamped_marked_and_freed_of_what_the_server_decides()
    {
        var desired = new DesiredObject(ApplierFixture.Services, JsonNode.Parse("""
            {"metadata":{"name":"a","namespace":"ns","uid":"x","resourceVersion":"7","managedFields":[],"creationTimestamp":null,"generation":3},
             "spec":{"ports":[{"port":80,"name":null}],"clusterIP":null},"status":{"x":1}}
            """)!.AsObject());
        var prepared = ObjectPreparation.Prepare(desired, ApplierFixture.Owner, ApplierFixture.Options);
        var expected = JsonNode.Parse($$$"""
            {"metadata":{"name":"a","namespace":"ns",
               "labels":{"example.dev/owner-uid":"owner-uid"},
               "ownerReferences":[{"apiVersion":"example.dev/v1","kind":"Tenant","name":"owner","uid":"owner-uid","controller":true,"blockOwnerDeletion":true}],
               "annotations":{"example.dev/applied":"{{{prepared.Hash}}}"}},
             "spec":{"ports":[{"port":80}]},"apiVersion":"v1","kind":"Service"}
            """);
        Assert.True(JsonNode.DeepEquals(expected, prepared.Content), prepared.Content.ToJsonString());
        Assert.Equal("7", desired.Content["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    [Fact]
    public void Hash_depends_on_contents_and_not_on_the_order_of_members()
    {
        Assert.Equal(HashOf("""{"a":1,"b":{"c":2,"d":[1,2]}}"""), HashOf("""{"b":{"d":[1,2],"c":2},"a":1}"""));
        Assert.NotEqual(HashOf("""{"a":[1,2]}"""), HashOf("""{"a":[2,1]}"""));
        Assert.NotEqual(HashOf("""{"a":1}"""), HashOf("""{"a":"1"}"""));
        Assert.NotEqual(HashOf("""{"a":1,"b":2}"""), HashOf("""{"a":1}"""));
        Assert.Equal(HashOf("""{"a":1,"b":null}"""), HashOf("""{"a":1}"""));
    }

    [Fact]
    public void Hash_does_not_depend_on_the_hash()
    {
        var once = ObjectPreparation.Prepare(
            ApplierFixture.Desired(ApplierFixture.Services, "a"), ApplierFixture.Owner, ApplierFixture.Options);
        var twice = ObjectPreparation.Prepare(
            once.Desired with { Content = once.Content }, ApplierFixture.Owner, ApplierFixture.Options);
        Assert.Equal(once.Hash, twice.Hash);
    }

    [Theory]
    [InlineData(null, null, true)] // both cluster-scoped
    [InlineData(null, "ns", true)] // the cluster may own what is in a namespace
    [InlineData("ns", "ns", true)]
    [InlineData("ns", "other", false)]
    [InlineData("ns", null, false)]
    public void Owner_reference_is_set_only_where_the_api_allows_it(
        string? ownerNamespace, string? childNamespace, bool expected)
    {
        var owner = ApplierFixture.Owner with { Key = new ObjectKey(ownerNamespace, "owner") };
        var prepared = ObjectPreparation.Prepare(
            ApplierFixture.Desired(childNamespace is null
                ? Objects.Namespaces
                : ApplierFixture.Services, "a", null, childNamespace), owner, ApplierFixture.Options);
        Assert.Equal(expected, prepared.Content["metadata"]!["ownerReferences"] is not null);
        Assert.Equal("owner-uid", prepared.Content["metadata"]!["labels"]![ApplierFixture.Label]!.GetValue<string>());
    }

    [Fact]
    public void Owner_reference_that_is_there_is_not_added_again_and_can_be_unwanted()
    {
        var desired = ApplierFixture.Desired(ApplierFixture.Services, "a");
        desired.Content["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject { ["uid"] = "owner-uid" });
        var prepared = ObjectPreparation.Prepare(desired, ApplierFixture.Owner, ApplierFixture.Options);
        Assert.Single(prepared.Content["metadata"]!["ownerReferences"]!.AsArray());
        var without = ObjectPreparation.Prepare(
            ApplierFixture.Desired(ApplierFixture.Services, "a") with { SetOwnerReference = false },
            ApplierFixture.Owner,
            ApplierFixture.Options);
        Assert.Null(without.Content["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public void Desired_object_without_a_name_is_refused() =>
        Assert.Throws<ArgumentException>(() => new DesiredObject(ApplierFixture.Services, []));

    private static string HashOf(string spec) =>
        ObjectPreparation.Prepare(ApplierFixture.Desired(
            ApplierFixture.Services, "a", spec), ApplierFixture.Owner, ApplierFixture.Options).Hash;
}
