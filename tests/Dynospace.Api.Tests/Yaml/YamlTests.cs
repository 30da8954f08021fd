using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Api.Yaml;
using Xunit;

namespace Dynospace.Api.Tests.Yaml;

public sealed class YamlTests
{
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
        var node = new JsonObject
        {
            ["text"] = text,
            [text] = new JsonArray(text, 1, true, null, new JsonObject(), new JsonArray()),
        };
        Assert.True(
            JsonNode.DeepEquals(node, Assert.Single(YamlReader.ReadAll(YamlWriter.Write(node)))),
            YamlWriter.Write(node));
    }
}
