using System.Text.Json.Nodes;
using DevCluster.Schema.Patching;

namespace DevCluster.Schema.Tests.Patching;

public sealed class MergePatchTests
{
    // The examples of RFC 7386, appendix A, whose documents are objects.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    // Beyond the RFC: nulls vanish from objects in lists, too.
    [InlineData("""{}""", """{"a":[{"b":null,"c":1},null]}""", """{"a":[{"c":1},null]}""")]
    public void Objects_merge_and_nulls_remove(string target, string patch, string expected) =>
        Assert.Equal(expected, MergePatch.Apply(Parse(target), Parse(patch)).ToJsonString());

    [Fact]
    public void Neither_argument_changes()
    {
        var (target, patch) = (Parse("""{"a":{"b":1},"x":1}"""), Parse("""{"a":{"c":2},"x":null}"""));

        MergePatch.Apply(target, patch);

        Assert.Equal("""{"a":{"b":1},"x":1}""", target.ToJsonString());
        Assert.Equal("""{"a":{"c":2},"x":null}""", patch.ToJsonString());
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
