using System.Text.Json.Nodes;
using CsCheck;
using DevCluster.Schema.ServerSideApply;

namespace DevCluster.Schema.Tests.ServerSideApply;

public sealed class OwnershipLaws
{
    private static readonly Gen<JsonObject> Spec = SpecOf("");

    [Fact]
    public void Applying_twice_is_applying_once() =>
        Gen.Select(Spec, Spec).Sample((theirs, ours) =>
        {
            var once = Apply(Apply(null, theirs, "alice"), ours, "bob");

            AssertEqual(once, Apply(once, ours, "bob"));
        });

    [Fact]
    public void What_is_applied_is_there() =>
        Gen.Select(Spec, Spec).Sample((theirs, ours) =>
        {
            var merged = Apply(Apply(null, theirs, "alice"), ours, "bob");

            // Laying the same configuration over the result finds nothing to change.
            AssertEqual(merged["spec"]!, ObjectMerger.Merge(merged, Configuration(ours), Things.Schema)["spec"]!);
        });

    [Fact]
    public void Applying_nothing_takes_back_exactly_what_one_alone_owned() =>
        Gen.Select(Spec, SpecOf("their-")).Sample((ours, theirs) =>
        {
            var alone = Apply(null, theirs, "alice");
            var both = Apply(alone, ours, "bob");

            AssertEqual(Significant(alone), Significant(Apply(both, [], "bob")));
        });

    [Fact]
    public void Managers_of_different_fields_never_conflict() =>
        Gen.Select(Spec, SpecOf("their-")).Sample((ours, theirs) =>
        {
            var live = FieldOwnership.Apply(
                null, Configuration(theirs), Things.Schema, "alice", null, false, Things.Noon);
            var both = FieldOwnership.Apply(live, Configuration(ours), Things.Schema, "bob", null, false, Things.Noon);

            AssertEqual(
                both,
                FieldOwnership.Apply(both, Configuration(theirs), Things.Schema, "alice", null, false, Things.Later));
        });

    [Fact]
    public void A_forced_applier_owns_all_it_applied_and_others_keep_the_rest() =>
        Gen.Select(Spec, Spec).Sample((theirs, ours) =>
        {
            var live = Apply(null, theirs, "alice");
            var both = Apply(live, ours, "bob");

            var applied = AppliedFields.FromConfiguration(Configuration(ours), Things.Schema)
                .Fields.Except(OwnershipScope.NeverOwned);
            var changed = ObjectComparer.Compare(live, both, Things.Schema).Changed;
            Assert.True(applied.SetEquals(Owned(both, "bob")));
            Assert.True(Owned(live, "alice").Except(changed).SetEquals(Owned(both, "alice")));
        });

    [Fact]
    public void An_update_moves_ownership_of_just_the_difference() =>
        Gen.Select(Spec, Spec).Sample((before, after) =>
        {
            var live = Apply(null, before, "alice");
            var updated = live.DeepClone().AsObject();
            updated["spec"] = after.DeepClone();
            FieldOwnership.TrackUpdate(live, updated, Things.Schema, "bob", null, Things.Noon);

            var difference = ObjectComparer.Compare(live, updated, Things.Schema);
            Assert.True(Owned(updated, "bob").SetEquals(difference.Changed.Except(OwnershipScope.NeverOwned)));
            Assert.True(Owned(updated, "alice").Intersect(difference.Changed.Union(difference.Removed)).IsEmpty);
        });

    [Fact]
    public void A_set_of_fields_survives_writing_and_reading() =>
        Spec.Sample(spec =>
        {
            var set = AppliedFields.FromConfiguration(Configuration(spec), Things.Schema).Fields;

            Assert.True(FieldSetJson.Read(FieldSetJson.Write(set)).SetEquals(set));
        });

    [Fact]
    public void Sets_obey_the_laws_of_sets() =>
        Gen.Select(Spec, Spec).Sample((left, right) =>
        {
            var a = AppliedFields.FromConfiguration(Configuration(left), Things.Schema).Fields;
            var b = AppliedFields.FromConfiguration(Configuration(right), Things.Schema).Fields;

            Assert.True(a.Union(b).SetEquals(b.Union(a)));
            Assert.True(a.Union(a).SetEquals(a));
            Assert.True(a.Intersect(b).SetEquals(a.Except(a.Except(b))));
            Assert.True(a.Except(b).Union(a.Intersect(b)).SetEquals(a));
            Assert.True(a.Intersect(b).IsSubsetOf(b));
            Assert.True(a.Except(a).IsEmpty);
            Assert.Equal(a.Paths().Count(), a.Paths().Count(p => a.Contains(p)));
        });

    /// <summary>
    /// Specs over few names, so that they overlap; with a prefix, over other names, so that they do not.
    /// </summary>
    private static Gen<JsonObject> SpecOf(string prefix)
    {
        var name = Gen.OneOf("i", "j", "k").Select(n => prefix + n);
        var number = Gen.Int[1, 2].Select(i => (JsonNode)i);
        var inner = Members(Gen.OneOf("p", "q"), number);
        var item = Gen.Select(name, number, inner, Gen.Int[0, 3], (n, value, fields, shape) =>
        {
            var result = new JsonObject { ["name"] = n };
            if ((shape & 1) != 0)
            {
                result["value"] = value.DeepClone();
            }

            if ((shape & 2) != 0 && fields.Count > 0)
            {
                result["inner"] = fields.DeepClone();
            }

            return (JsonNode)result;
        });
        Gen<JsonNode> maps = Members(name, Gen.OneOf("u", "v").Select(v => (JsonNode)v)).Where(m => m.Count > 0)
            .Select(m => (JsonNode)m);
        Gen<JsonNode> structs =
            Members(name, Members(Gen.OneOf("x", "y"), number).Where(m => m.Count > 0).Select(m => (JsonNode)m))
                .Where(m => m.Count > 0).Select(m => (JsonNode)m);
        Gen<JsonNode> items =
            item.List[1, 4].Select(
                list =>
                    (JsonNode)new JsonArray([.. list.DistinctBy(i => (string)i["name"]!).Select(i => i.DeepClone())]));
        Gen<JsonNode> set =
            name.HashSet[1, 3].Select(names => (JsonNode)new JsonArray([.. names.Select(n => (JsonNode)n)]));
        (string, Gen<JsonNode>)[] shared = [("map", maps), ("structs", structs), ("items", items), ("set", set)];
        (string, Gen<JsonNode>)[] own =
        [
            .. shared,
            ("a", Gen.OneOf("1", "2").Select(v => (JsonNode)v)),
            ("n", number),
            ("atoms", Gen.Int[0, 2].List[0, 2].Select(l => (JsonNode)new JsonArray([.. l.Select(i => (JsonNode)i)]))),
            ("whole", Members(Gen.OneOf("x", "y"), number).Select(m => (JsonNode)m)),
        ];
        return Fields(prefix.Length == 0 ? own : shared);
    }

    private static Gen<JsonObject> Fields((string Name, Gen<JsonNode> Value)[] fields) => fields.Aggregate(
        Gen.Const(() => new JsonObject()),
        (all, field) => Gen.Select(all, field.Value, Gen.Bool, (spec, value, isPresent) =>
        {
            if (!isPresent)
            {
                return spec;
            }

            var copy = spec.DeepClone().AsObject();
            copy[field.Name] = value.DeepClone();
            return copy;
        }));

    private static Gen<JsonObject> Members(Gen<string> name, Gen<JsonNode> value) =>
        Gen.Dictionary(name, value)[0, 2].Select(members =>
            new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value.DeepClone()))));

    private static JsonObject Configuration(JsonObject spec) => Things.With(spec.ToJsonString());

    private static JsonObject Apply(JsonObject? live, JsonObject spec, string manager) =>
        FieldOwnership.Apply(live, Configuration(spec), Things.Schema, manager, null, force: true, Things.Noon);

    private static FieldSet Owned(JsonObject thing, string manager) =>
        (thing["metadata"]!["managedFields"] as JsonArray ?? [])
            .Where(e => (string?)e!["manager"] == manager)
                .Select(e => FieldSetJson.Read(e!["fieldsV1"]!.AsObject()))
                .SingleOrDefault(new FieldSet(0));

    /// <summary>The spec without containers that lost all they had.</summary>
    private static JsonObject Significant(JsonObject thing) => new(
        from field in thing["spec"] as JsonObject ?? []
        where field.Value is not (JsonObject { Count: 0 } or JsonArray { Count: 0 })
        select KeyValuePair.Create(field.Key, field.Value?.DeepClone()));

    private static void AssertEqual(JsonNode expected, JsonNode actual) =>
        Assert.True(
            JsonNode.DeepEquals(expected, actual),
            $"expected {expected.ToJsonString()}\nactual   {actual.ToJsonString()}");
}
