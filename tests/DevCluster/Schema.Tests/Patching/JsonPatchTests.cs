using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Patching;

namespace DevCluster.Schema.Tests.Patching;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/a","value":[1]}]""", """{"a":[1]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/0","value":0}]""", """{"a":[0,1,2]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/2","value":3}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/-","value":[3]}]""", """{"a":[1,2,[3]]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"remove","path":"/a/0"}]""", """{"a":[2]}""")]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"remove","path":"/a/b"}]""", """{"a":{}}""")]
    [InlineData("""{"a":null}""", """[{"op":"remove","path":"/a"}]""", """{}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"/a","value":null}]""", """{"a":null}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":2}}]""", """{"b":2}""")]
    [InlineData(
        """{"a":{"b":1},"c":{}}""", """[{"op":"move","from":"/a/b","path":"/c/d"}]""", """{"a":{},"c":{"d":1}}""")]
    [InlineData("""{"a":[1,2,3]}""", """[{"op":"move","from":"/a/0","path":"/a/2"}]""", """{"a":[2,3,1]}""")]
    [InlineData(
        """{"a":{"b":[1]}}""",
        """[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b/-","value":2}]""",
        """{"a":{"b":[1]},"c":{"b":[1,2]}}""")]
    [InlineData(
        """{"a/b":1,"m~n":2}""",
        """[{"op":"replace","path":"/a~1b","value":3},{"op":"remove","path":"/m~0n"}]""",
        """{"a/b":3}""")]
    [InlineData("""{"~1":1}""", """[{"op":"test","path":"/~01","value":1}]""", """{"~1":1}""")]
    [InlineData("""{"":{"":1}}""", """[{"op":"replace","path":"//","value":2}]""", """{"":{"":2}}""")]
    [InlineData("""{"1":"x"}""", """[{"op":"replace","path":"/1","value":"y"}]""", """{"1":"y"}""")]
    [InlineData("""{"a":1.0}""", """[{"op":"test","path":"/a","value":1}]""", """{"a":1.0}""")]
    [InlineData(
        """{"a":{"x":1,"y":[null]}}""",
        """[{"op":"test","path":"/a","value":{"y":[null],"x":1}}]""",
        """{"a":{"x":1,"y":[null]}}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"","value":{"a":1}}]""", """{"a":1}""")]
    [InlineData("""{"a":1}""", "[]", """{"a":1}""")]
    public void Operations_apply_in_order(string target, string patch, string expected) =>
        Assert.Equal(expected, Apply(target, patch).ToJsonString());

    // Beyond the RFC, found by asking a real API server.
    [Theory]
    [InlineData("""{"a":{}}""", """[{"op":"replace","path":"/a/new","value":1}]""", """{"a":{"new":1}}""")]
    [InlineData("""{"a":{}}""", """[{"op":"add","path":"/a/x"}]""", """{"a":{"x":null}}""")]
    [InlineData("""{"a":{}}""", """[{"op":"copy","from":"/a/none","path":"/a/x"}]""", """{"a":{"x":null}}""")]
    [InlineData("""{"a":{}}""", """[{"op":"test","path":"/a/none","value":null}]""", """{"a":{}}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"replace","path":"/a/-1","value":3}]""", """{"a":[1,3]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/-2","value":3}]""", """{"a":[1,3,2]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"replace","path":"/a/01","value":3}]""", """{"a":[1,3]}""")]
    public void What_the_API_server_takes_beyond_the_RFC_is_taken(string target, string patch, string expected) =>
        Assert.Equal(expected, Apply(target, patch).ToJsonString());

    [Theory]
    [InlineData("""[{"op":"remove","path":"/none"}]""")]
    [InlineData("""[{"op":"move","from":"/none","path":"/x"}]""")]
    [InlineData("""[{"op":"add","path":"/none/x","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/s/x","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/l/3","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/l/x","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/l/-4","value":1}]""")]
    [InlineData("""[{"op":"remove","path":"/l/2"}]""")]
    [InlineData("""[{"op":"remove","path":"/l/-"}]""")]
    [InlineData("""[{"op":"replace","path":"/l/2","value":1}]""")]
    [InlineData("""[{"op":"test","path":"/s","value":"other"}]""")]
    [InlineData("""[{"op":"test","path":"/s","value":null}]""")]
    [InlineData("""[{"op":"test","path":"/l/9","value":1}]""")]
    [InlineData("""[{"op":"add","value":1}]""")]
    [InlineData("""[{"op":"add","path":"s","value":1}]""")]
    [InlineData("""[{"op":"add","path":"","value":{}}]""")]
    [InlineData("""[{"op":"remove","path":""}]""")]
    [InlineData("""[{"op":"replace","path":"","value":"x"}]""")]
    [InlineData("""[{"op":"frobnicate","path":"/s"}]""")]
    [InlineData("""[{"path":"/s"}]""")]
    public void A_patch_that_does_not_apply_is_invalid(string patch)
    {
        var error = Assert.Throws<ApiStatusException>(() => Apply("""{"s":"x","l":[1,2]}""", patch));

        Assert.Equal(422, error.Code);
        Assert.Equal("Invalid", error.Reason);
        Assert.Equal("the server rejected our request due to an error in our request", error.Message);
        Assert.NotEmpty((string)error.Details!["causes"]![0]!["message"]!);
    }

    [Fact]
    public void What_is_not_an_operation_is_a_bad_request()
    {
        var error = Assert.Throws<ApiStatusException>(() => Apply("{}", "[1]"));

        Assert.Equal(400, error.Code);
        Assert.Equal(
            "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp",
            error.Message);
    }

    [Fact]
    public void Too_many_operations_are_too_large()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, 10_001).Select(_ => (JsonNode)new JsonObject())]);

        Assert.Equal(413, Assert.Throws<ApiStatusException>(() => JsonPatch.Apply(new JsonObject(), patch)).Code);
    }

    [Fact]
    public void A_patch_that_fails_half_way_leaves_the_target_alone()
    {
        var target = JsonNode.Parse("""{"a":1}""")!;
        var patch =
            JsonNode.Parse("""[{"op":"add","path":"/b","value":2},{"op":"test","path":"/a","value":2}]""")!.AsArray();

        Assert.Throws<ApiStatusException>(() => JsonPatch.Apply(target, patch));
        Assert.Equal("""{"a":1}""", target.ToJsonString());
    }

    private static JsonNode Apply(string target, string patch) =>
        JsonPatch.Apply(JsonNode.Parse(target)!, JsonNode.Parse(patch)!.AsArray());

    [Fact]
    public void Copies_that_double_a_document_are_refused_before_they_fill_the_memory()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, 100).Select(i =>
            JsonNode.Parse($$"""{"op":"copy","from":"/a","path":"/a/b{{i}}"}"""))]);

        var refusal =
            Assert.Throws<ApiStatusException>(() => JsonPatch.Apply(JsonNode.Parse("""{"a":{"x":1}}""")!, patch));
        Assert.Equal(422, refusal.Code);
    }

    [Fact]
    public void No_sequence_of_operations_nests_deeper_than_a_body_may()
    {
        const string nested = """{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}}""";
        var patch = new JsonArray([.. Enumerable.Range(0, 200).Select(i => new JsonObject
        {
            ["op"] = "add",
            ["path"] = "/a" + string.Concat(Enumerable.Repeat("/a", i * 9)),
            ["value"] = JsonNode.Parse(nested),
        })]);

        Assert.Equal(422, Assert.Throws<ApiStatusException>(() => JsonPatch.Apply(new JsonObject(), patch)).Code);
    }
}
