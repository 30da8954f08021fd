using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.ServerSideApply;

namespace DevCluster.Schema.Tests.ServerSideApply;

public sealed class ConflictTests
{
    [Fact]
    public void One_conflict_names_the_owner_and_the_field()
    {
        var live = Apply(null, """{"items":[{"name":"i","value":1}]}""", "alice");

        var error = Refused(live, """{"items":[{"name":"i","value":2}]}""", "bob");

        Assert.Equal((409, "Conflict"), (error.Code, error.Reason));
        Assert.Equal(
            """Apply failed with 1 conflict: conflict with "alice": .spec.items[name="i"].value""", error.Message);
        Assert.Equal(
            """{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \u0022alice\u0022","field":".spec.items[name=\u0022i\u0022].value"}]}""",
            error.Details!.ToJsonString());
    }

    [Fact]
    public void Several_conflicts_are_grouped_by_owner()
    {
        var live = Apply(Apply(null, """{"a":"1","b":"1"}""", "alice"), """{"n":1}""", "carol");

        var error = Refused(live, """{"a":"2","b":"2","n":2}""", "bob");

        Assert.Equal(
            "Apply failed with 3 conflicts: conflicts with \"alice\":\n- .spec.a\n- .spec.b\nconflicts with "
            + "\"carol\":\n- .spec.n",
            error.Message);
    }

    [Fact]
    public void An_updater_is_named_with_its_version_and_subresource()
    {
        var live = Apply(null, "{}", "alice");
        var updated = live.DeepClone().AsObject();
        updated["spec"]!["n"] = 3;
        FieldOwnership.TrackUpdate(live, updated, Things.Schema, "kubectl-edit", "scale", Things.Noon);

        var error = Refused(updated, """{"n":2}""", "alice");

        Assert.Equal(
            """Apply failed with 1 conflict: conflict with "kubectl-edit" with subresource "scale" using example.dev/v1: .spec.n""",
            error.Message);
    }

    [Fact]
    public void Force_takes_the_field_over()
    {
        var live = Apply(null, """{"a":"1","b":"1"}""", "alice");

        var taken = Apply(live, """{"a":"2"}""", "bob", force: true);

        Assert.Equal("""{"a":"2","b":"1"}""", taken["spec"]!.ToJsonString());
        Assert.Equal("alice Apply {\"f:b\":{}}\nbob Apply {\"f:a\":{}}", Things.Owners(taken));
    }

    [Fact]
    public void One_conflict_refuses_the_whole_configuration()
    {
        var live = Apply(null, """{"a":"1"}""", "alice");
        var before = live.ToJsonString();

        Refused(live, """{"a":"2","b":"1"}""", "bob");

        Assert.Equal(before, live.ToJsonString());
    }

    [Fact]
    public void Removing_what_another_also_owns_is_not_a_conflict()
    {
        var live = Apply(Apply(null, """{"a":"1"}""", "alice"), """{"a":"1"}""", "bob");

        Assert.Equal("""{"a":"1"}""", Apply(live, "{}", "alice")["spec"]!.ToJsonString());
    }

    [Fact]
    public void What_client_side_apply_recorded_is_not_a_conflict_for_kubectl()
    {
        const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
        var live = Things.With("""{"a":"1","b":"1"}""");
        live["metadata"]!["annotations"] = new JsonObject
        {
            [Annotation] = Things.With("""{"a":"1"}""").ToJsonString(),
        };
        FieldOwnership.TrackUpdate(null, live, Things.Schema, "kubectl-client-side-apply", null, Things.Noon);

        var moved = Apply(live, """{"a":"2"}""", "kubectl");

        Assert.Equal("2", (string)moved["spec"]!["a"]!);
        Assert.Equal(
            """{"apiVersion":"example.dev/v1","kind":"Thing","metadata":{"name":"one","namespace":"here"},"spec":{"a":"2"}}""" + "\n",
            (string)moved["metadata"]!["annotations"]![Annotation]!);
        Refused(live, """{"b":"2"}""", "kubectl");
        Refused(live, """{"a":"2"}""", "flux");
    }

    private static JsonObject Apply(JsonObject? live, string spec, string manager, bool force = false) =>
        FieldOwnership.Apply(live, Things.With(spec), Things.Schema, manager, null, force, Things.Noon);

    private static ApiStatusException Refused(JsonObject live, string spec, string manager) =>
        Assert.Throws<ApiStatusException>(() => Apply(live, spec, manager));
}
