using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.ServerSideApply;

namespace DevCluster.Schema.Tests.ServerSideApply;

public sealed class ApplyTests
{
    [Fact]
    public void An_entry_says_who_how_and_when()
    {
        var thing = Apply(null, """{"a":"1"}""", "alice");

        Assert.Equal(
            """[{"manager":"alice","operation":"Apply","apiVersion":"example.dev/v1","time":"2026-03-01T12:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:a":{}}}}]""",
            thing["metadata"]!["managedFields"]!.ToJsonString());
    }

    [Fact]
    public void Applying_the_same_again_changes_nothing_not_even_a_time()
    {
        var live = Apply(
            null, """{"a":"1","items":[{"name":"i","value":1}],"ports":[{"port":80}],"free":{"l":[1]}}""", "alice");
        live["spec"]!["ports"]![0]!["protocol"] = "TCP";
        live["metadata"]!["uid"] = "123";
        live["metadata"]!["resourceVersion"] = "7";

        var again = Apply(
            live,
            """{"ports":[{"port":80}],"free":{"l":[1]},"a":"1","items":[{"value":1,"name":"i"}]}""",
            "alice",
            now: Things.Later);

        AssertEqual(live, again);
    }

    [Fact]
    public void Equal_values_are_shared_without_conflict()
    {
        var live = Apply(null, """{"a":"1","b":"2"}""", "alice");

        var both = Apply(live, """{"a":"1"}""", "bob");

        Assert.Equal("alice Apply {\"f:a\":{},\"f:b\":{}}\nbob Apply {\"f:a\":{}}", Things.Owners(both));
    }

    [Fact]
    public void What_a_manager_no_longer_applies_goes_unless_another_owns_it()
    {
        var live = Apply(Apply(null, """{"a":"1","b":"2","map":{"k":"v"}}""", "alice"), """{"a":"1"}""", "bob");

        var less = Apply(live, """{"n":1}""", "alice");

        Assert.Equal("""{"a":"1","n":1}""", less["spec"]!.ToJsonString());
        Assert.Equal("alice Apply {\"f:n\":{}}\nbob Apply {\"f:a\":{}}", Things.Owners(less));
    }

    [Fact]
    public void What_nobody_ever_owned_stays()
    {
        var live = Apply(null, """{"items":[{"name":"i"}],"a":"1"}""", "alice");
        live["spec"]!["b"] = "default";

        Assert.Equal("""{"b":"default"}""", Apply(live, "{}", "alice")["spec"]!.ToJsonString());
    }

    [Fact]
    public void An_item_goes_with_its_owner_but_not_what_another_put_into_it()
    {
        var live = Apply(
            Apply(null, """{"items":[{"name":"i","value":1},{"name":"j","value":1}]}""", "alice"),
            """{"items":[{"name":"i","inner":{"p":1}}]}""",
            "bob");

        var less = Apply(live, """{"a":"1"}""", "alice");

        AssertEqual(Things.Parse("""{"items":[{"name":"i","inner":{"p":1}}],"a":"1"}"""), less["spec"]!);
    }

    [Fact]
    public void The_last_label_goes_and_the_name_stays()
    {
        var configuration = Things.With("{}");
        configuration["metadata"]!["labels"] = new JsonObject { ["l"] = "1" };
        var live = FieldOwnership.Apply(null, configuration, Things.Schema, "alice", null, false, Things.Noon);

        var less = Apply(live, "{}", "alice");

        Assert.Equal("""{"name":"one","namespace":"here"}""", WithoutManagedFields(less)["metadata"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"name":"a"},{"name":"b"},{"name":"c"}]""", """[{"name":"c"},{"name":"a"}]""", "b c a")]
    [InlineData("""[{"name":"a"},{"name":"b"}]""", """[{"name":"n"},{"name":"b"}]""", "a n b")]
    [InlineData("""[{"name":"a"},{"name":"b"}]""", """[{"name":"b"},{"name":"n"}]""", "a b n")]
    [InlineData("""[{"name":"a"}]""", """[{"name":"m"},{"name":"n"}]""", "a m n")]
    public void Applied_items_come_in_their_order_and_the_others_keep_their_place(
        string theirs, string ours, string expected)
    {
        var live = Apply(null, $$"""{"items":{{theirs}}}""", "alice");

        var merged = Apply(live, $$"""{"items":{{ours}}}""", "bob", force: true);

        Assert.Equal(expected, string.Join(' ', merged["spec"]!["items"]!.AsArray().Select(i => (string)i!["name"]!)));
    }

    [Fact]
    public void Atomic_values_are_replaced_whole()
    {
        var live = Apply(null, """{"atoms":[1,2],"whole":{"x":1}}""", "alice");

        Assert.Equal(
            """{"atoms":[3],"whole":{"y":2}}""",
            Apply(live, """{"atoms":[3],"whole":{"y":2}}""", "alice")["spec"]!.ToJsonString());
    }

    [Fact]
    public void A_null_of_a_system_field_says_nothing()
    {
        var live = Apply(null, """{"a":"1"}""", "alice");
        live["metadata"]!["creationTimestamp"] = "2026-01-01T00:00:00Z";
        var configuration = Things.With("""{"a":"1"}""");
        configuration["metadata"]!["creationTimestamp"] = null;

        AssertEqual(live, FieldOwnership.Apply(live, configuration, Things.Schema, "alice", null, false, Things.Later));
    }

    [Fact]
    public void The_main_endpoint_leaves_the_status_and_the_status_endpoint_everything_else()
    {
        var configuration = Things.With("""{"a":"1"}""");
        configuration["status"] = new JsonObject { ["phase"] = "Ready" };
        var live = FieldOwnership.Apply(null, configuration, Things.Schema, "alice", null, false, Things.Noon);
        Assert.Null(live["status"]);

        configuration["spec"]!["a"] = "2";
        var ready = FieldOwnership.Apply(live, configuration, Things.Schema, "alice", "status", false, Things.Noon);

        Assert.Equal("1", (string)ready["spec"]!["a"]!);
        Assert.Equal("Ready", (string)ready["status"]!["phase"]!);
        var entry = ready["metadata"]!["managedFields"]!.AsArray().Single(e => (string?)e!["subresource"] == "status")!;
        Assert.Equal("""{"f:status":{"f:phase":{}}}""", entry["fieldsV1"]!.ToJsonString());
    }

    [Fact]
    public void A_kind_without_a_status_endpoint_owns_its_status()
    {
        var configuration = Things.With("{}");
        configuration["status"] = new JsonObject { ["phase"] = "Ready" };

        var thing = FieldOwnership.Apply(
            null, configuration, Things.Schema, "alice", null, false, Things.Noon, hasStatus: false);

        Assert.Equal("Ready", (string)thing["status"]!["phase"]!);
    }

    [Fact]
    public void An_untracked_object_belongs_to_a_separate_manager()
    {
        var thing = Apply(Things.With("""{"a":"1","b":"2"}"""), """{"a":"1"}""", "alice");

        Assert.Equal(
            "alice Apply {\"f:a\":{}}\nbefore-first-apply Update {\".\":{},\"f:a\":{},\"f:b\":{}}",
            Things.Owners(thing));
    }

    [Fact]
    public void A_configuration_must_not_bring_managedFields()
    {
        var configuration = Things.With("{}");
        configuration["metadata"]!["managedFields"] = new JsonArray();

        var error =
            Assert.Throws<ApiStatusException>(
                () => FieldOwnership.Apply(null, configuration, Things.Schema, "alice", null, true, Things.Noon));
        Assert.Equal((400, "metadata.managedFields must be nil"), (error.Code, error.Message));
    }

    private static JsonObject Apply(
        JsonObject? live, string spec, string manager, bool force = false, DateTimeOffset? now = null) =>
        FieldOwnership.Apply(live, Things.With(spec), Things.Schema, manager, null, force, now ?? Things.Noon);

    private static JsonObject WithoutManagedFields(JsonObject thing)
    {
        thing["metadata"]!.AsObject().Remove("managedFields");
        return thing;
    }

    private static void AssertEqual(JsonNode expected, JsonNode actual) =>
        Assert.True(
            JsonNode.DeepEquals(expected, actual),
            $"expected {expected.ToJsonString()}\nactual   {actual.ToJsonString()}");
}
