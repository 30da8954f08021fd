using System.Text.Json.Nodes;
using Dynospace.Api.Yaml;
using Xunit;

namespace Dynospace.Api.Tests.Yaml;

public sealed class YamlTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: yes\nb: no\nc: 'yes'", """{"a":true,"b":false,"c":"yes"}""")]
    [InlineData("a: 0644\nb: 0x10\nc: 0o17\nd: 08", """{"a":420,"b":16,"c":15,"d":8}""")]
    [InlineData("a: 1.5\nb: 1.5.2\nc: 1e3\nd: -7", """{"a":1.5,"b":"1.5.2","c":1000,"d":-7}""")]
    [InlineData("a: ~\nb:\nc: null\nd: ''", """{"a":null,"b":null,"c":null,"d":""}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("a: &x {b: 1}\nc: *x", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2", """{"a":{"b":1},"c":{"b":1,"d":2}}""")]
    [InlineData("{\"a\": [1, true, \"x\"]}", """{"a":[1,true,"x"]}""")]
    [InlineData("a: 198.51.100.0/24\nb: ::/0\nc: 10:30", """{"a":"198.51.100.0/24","b":"::/0","c":"10:30"}""")]
    public void Bare_words_have_the_types_that_kubectl_gives_them(string text, string json) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), Assert.Single(YamlReader.Read(text))), YamlReader.Read(text)[0].ToJsonString());

    [Fact]
    public void Empty_documents_are_left_out() =>
        Assert.Equal(2, YamlReader.Read("---\n# nothing\n---\na: 1\n---\n---\nb: 2\n").Count);

    [Theory]
    [InlineData("a: [1\nb: 2", 1)]
    [InlineData("a: 1\na: 2", 2)]
    [InlineData("a: 1\nb: \"x", 2)]
    public void Errors_name_the_line(string text, int line)
    {
        var exception = Assert.Throws<FormatException>(() => YamlReader.Read(text));
        Assert.StartsWith($"line {line}, column ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("0644")]
    [InlineData("1.5")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("a: b")]
    [InlineData("# no comment")]
    [InlineData("it's \"quoted\"")]
    [InlineData("two\nlines\n")]
    [InlineData(" padded ")]
    [InlineData("*")]
    [InlineData("2026-11-22")]
    public void Text_comes_back_as_it_was(string text)
    {
        var node = new JsonObject { ["text"] = text, [text] = new JsonArray(text, 1, true, null, new JsonObject(), new JsonArray()) };
        Assert.True(JsonNode.DeepEquals(node, Assert.Single(YamlReader.Read(YamlWriter.Write(node)))), YamlWriter.Write(node));
    }
}
