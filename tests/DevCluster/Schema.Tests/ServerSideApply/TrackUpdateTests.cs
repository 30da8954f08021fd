using System.Text.Json.Nodes;
using DevCluster.Schema.ServerSideApply;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Tests.ServerSideApply;

public sealed class TrackUpdateTests
{
    [Fact]
    public void A_creator_owns_all_it_sets_containers_included()
    {
        var thing = Things.With("""{"map":{"k":"v"},"items":[{"name":"i"}],"atoms":[1]}""");

        Track(null, thing, "alice");

        Assert.Equal(
            """alice Update {".":{},"f:atoms":{},"f:items":{".":{},"k:{\"name\":\"i\"}":{".":{},"f:name":{}}},"f:map":{".":{},"f:k":{}}}""",
            Things.Owners(thing));
    }

    [Fact]
    public void An_updater_takes_what_it_changes()
    {
        var live = Applied("""{"a":"1","b":"1","map":{"k":"v"}}""");

        var updated = Change(live, spec => { spec["a"] = "2"; spec["n"] = 1; spec["map"]!.AsObject().Remove("k"); });
        Track(live, updated, "bob");

        Assert.Equal("alice Apply {\"f:b\":{}}\nbob Update {\"f:a\":{},\"f:n\":{}}", Things.Owners(updated));
    }

    [Fact]
    public void An_updater_s_entries_add_up()
    {
        var live = Applied("""{"a":"1","b":"1"}""");
        var first = Change(live, spec => spec["a"] = "2");
        Track(live, first, "bob");

        var second = Change(first, spec => spec["b"] = "2");
        Track(first, second, "bob", now: Things.Later);

        Assert.Equal("""bob Update {"f:a":{},"f:b":{}}""", Things.Owners(second));
        Assert.Equal("2026-03-01T12:05:00Z", (string)second["metadata"]!["managedFields"]![0]!["time"]!);
    }

    [Fact]
    public void A_write_that_changes_nothing_keeps_every_entry_and_time()
    {
        var live = Applied("""{"a":"1"}""");

        var same = live.DeepClone().AsObject();
        Track(live, same, "bob", now: Things.Later);

        Assert.True(JsonNode.DeepEquals(live, same));
    }

    [Fact]
    public void A_subresource_has_an_entry_of_its_own_and_only_of_its_own_part()
    {
        var live = Applied("""{"a":"1"}""");
        var updated = Change(live, spec => spec["a"] = "2");
        updated["status"] = new JsonObject { ["phase"] = "Ready" };

        FieldOwnership.TrackUpdate(live, updated, Things.Schema, "kubelet", "status", Things.Noon);

        var entry = updated["metadata"]!["managedFields"]!.AsArray().Single(e => (string?)e!["manager"] == "kubelet")!;
        Assert.Equal("status", (string?)entry["subresource"]);
        Assert.Equal("""{"f:status":{".":{},"f:phase":{}}}""", entry["fieldsV1"]!.ToJsonString());
    }

    [Fact]
    public void The_main_endpoint_does_not_take_the_status()
    {
        var thing = Things.With("""{"a":"1"}""");
        thing["status"] = new JsonObject { ["phase"] = "Ready" };

        Track(null, thing, "alice");

        Assert.Equal("""alice Update {".":{},"f:a":{}}""", Things.Owners(thing));
    }

    [Fact]
    public void An_untracked_object_stays_untracked()
    {
        var live = Things.With("""{"a":"1"}""");

        var updated = Change(live, spec => spec["a"] = "2");
        Track(live, updated, "bob");

        Assert.Null(updated["metadata"]!["managedFields"]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{}]")]
    public void Empty_managedFields_reset_the_owners(string managedFields)
    {
        var live = Applied("""{"a":"1"}""");

        var updated = live.DeepClone().AsObject();
        updated["metadata"]!["managedFields"] = JsonNode.Parse(managedFields);
        Track(live, updated, "bob");

        Assert.Null(updated["metadata"]!["managedFields"]);
    }

    [Fact]
    public void A_client_that_forgets_managedFields_does_not_lose_them()
    {
        var live = Applied("""{"a":"1"}""");

        var updated = live.DeepClone().AsObject();
        updated["metadata"]!.AsObject().Remove("managedFields");
        Track(live, updated, "bob");

        Assert.True(JsonNode.DeepEquals(live, updated));
    }

    [Fact]
    public void A_client_may_rewrite_the_owners_as_kubectl_does_when_it_upgrades()
    {
        var live = Applied("""{"a":"1"}""");

        var updated = live.DeepClone().AsObject();
        updated["metadata"]!["managedFields"]![0]!["manager"] = "carol";
        Track(live, updated, "bob");

        Assert.Equal("""carol Apply {"f:a":{}}""", Things.Owners(updated));
    }

    [Fact]
    public void More_than_ten_updaters_are_merged_oldest_first()
    {
        var live = Things.With("{}");
        Track(null, live, "creator");
        for (var i = 0; i < 12; i++)
        {
            var next = Change(
                live,
                spec =>
                    spec["map"] = new JsonObject(
                        [.. Enumerable.Range(0, i + 1).Select(k => KeyValuePair.Create($"k{k:d2}", (JsonNode?)"v"))]));
            Track(live, next, $"m{i:d2}", now: Things.Noon.AddMinutes(i + 1));
            live = next;
        }

        string[] managers = [.. live["metadata"]!["managedFields"]!.AsArray().Select(e => (string)e!["manager"]!)];
        Assert.Equal(10, managers.Length);
        Assert.Contains("ancient-changes", managers);
        Assert.DoesNotContain("m00", managers);
        Assert.Contains("m11", managers);
    }

    [Fact]
    public void Structs_that_a_built_in_type_always_has_are_not_added()
    {
        var schema = BuiltInSchemas.For("apps/v1", "Deployment");
        var deployment = Things.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"strategy":{"type":"Recreate"},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"x","image":"i","ports":[{"containerPort":80}]}],"securityContext":{"runAsUser":1}}}}}
            """);

        FieldOwnership.TrackUpdate(null, deployment, schema, "curl", null, Things.Noon);

        // As a real server records a POST: labels and the pointer securityContext were added, spec and template were
        // not.
        Assert.True(JsonNode.DeepEquals(
            Things.Parse("""
                {"f:spec":{"f:selector":{},"f:strategy":{"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},
                 "f:spec":{"f:containers":{"k:{\"name\":\"x\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}},
                 "f:securityContext":{".":{},"f:runAsUser":{}}}}}}
                """),
            deployment["metadata"]!["managedFields"]![0]!["fieldsV1"]), deployment.ToJsonString());
    }

    [Fact]
    public void Items_with_one_key_that_an_update_leaves_behind_are_owned_as_one()
    {
        var thing = Things.With("""{"items":[{"name":"i","value":1},{"name":"i","value":2}]}""");

        Track(null, thing, "alice");

        Assert.Equal("""alice Update {".":{},"f:items":{".":{},"k:{\"name\":\"i\"}":{}}}""", Things.Owners(thing));
    }

    private static JsonObject Applied(string spec) =>
        FieldOwnership.Apply(null, Things.With(spec), Things.Schema, "alice", null, false, Things.Noon);

    private static JsonObject Change(JsonObject live, Action<JsonNode> change)
    {
        var copy = live.DeepClone().AsObject();
        change(copy["spec"]!);
        return copy;
    }

    private static void Track(JsonObject? old, JsonObject updated, string manager, DateTimeOffset? now = null) =>
        FieldOwnership.TrackUpdate(old, updated, Things.Schema, manager, null, now ?? Things.Noon);
}
