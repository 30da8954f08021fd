using System.Text.Json.Nodes;
using CsCheck;
using DevCluster.Schema.Patching;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Tests.Patching;

public sealed class PatchLaws
{
    private static readonly TypeSchema Free = new("object") { PreserveUnknownFields = true };

    [Fact]
    public void Merging_twice_is_merging_once() =>
        Gen.Select(JsonGenerators.Object(nulls: false), JsonGenerators.Object(nulls: true)).Sample((target, patch) =>
        {
            var once = MergePatch.Apply(target, patch);
            AssertEqual(once, MergePatch.Apply(once, patch));
        });

    [Fact]
    public void A_document_merged_into_nothing_or_itself_is_itself() =>
        JsonGenerators.Object(nulls: false).Sample(document =>
        {
            AssertEqual(document, MergePatch.Apply([], document));
            AssertEqual(document, MergePatch.Apply(document, document));
            AssertEqual(document, MergePatch.Apply(document, []));
        });

    [Fact]
    public void The_difference_of_two_documents_leads_from_one_to_the_other() =>
        Gen.Select(JsonGenerators.Object(nulls: false), JsonGenerators.Object(nulls: false)).Sample((from, to) =>
            AssertEqual(to, MergePatch.Apply(from, Difference(from, to))));

    [Fact]
    public void Without_merging_lists_a_strategic_patch_is_a_merge_patch() =>
        Gen.Select(JsonGenerators.Object(nulls: false), JsonGenerators.Object(nulls: true)).Sample((target, patch) =>
            AssertEqual(MergePatch.Apply(target, patch), StrategicMergePatch.Apply(target, patch, Free)));

    [Fact]
    public void What_a_JSON_patch_adds_it_can_test_and_remove() =>
        Gen.Select(
            JsonGenerators.Object(nulls: false),
            JsonGenerators.Object(nulls: false),
            Gen.OneOf("new", "with/slash", "with~tilde", "~1", ""))
            .Sample((document, value, name) =>
            {
                var path = "/"
                    + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
                var added = JsonPatch.Apply(document, [Operation("add", path, value), Operation("test", path, value)]);

                AssertEqual(value, added[name]!);
                AssertEqual(document, JsonPatch.Apply(added, [Operation("remove", path, null)]));
            });

    [Fact]
    public void Moving_there_and_back_changes_nothing() =>
        JsonGenerators.Object(nulls: false).Where(d => d.ContainsKey("a")).Sample(document =>
        {
            JsonNode there = new JsonObject { ["op"] = "move", ["from"] = "/a", ["path"] = "/elsewhere" };
            JsonNode back = new JsonObject { ["op"] = "move", ["from"] = "/elsewhere", ["path"] = "/a" };

            AssertEqual(document, JsonPatch.Apply(document, [there, back]));
        });

    private static JsonObject Operation(string kind, string path, JsonNode? value) =>
        new() { ["op"] = kind, ["path"] = path, ["value"] = value?.DeepClone() };

    private static JsonObject Difference(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in from.Where(p => !to.ContainsKey(p.Key)))
        {
            patch[name] = null;
        }

        foreach (var (name, value) in to)
        {
            patch[name] = from[name] is JsonObject before && value is JsonObject after
                ? Difference(before, after)
                : value?.DeepClone();
        }

        return patch;
    }

    private static void AssertEqual(JsonNode expected, JsonNode actual) =>
        Assert.True(
            JsonNode.DeepEquals(expected, actual),
            $"expected {expected.ToJsonString()}\nactual   {actual.ToJsonString()}");
}
