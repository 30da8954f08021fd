using System.Text.Json.Nodes;
using DevCluster.Schema.Printing;

namespace DevCluster.Schema.Tests.Printing;

public sealed class JsonPathTests
{
    private const string Document =
        """
        {"spec":{"a":"aa","list":["p","q","r"],"map":{"a.b":"1","c-d":"2"},"nul":null,"obj":{"x":1},
          "conds":[{"type":"Ready","status":"True","n":1,"ok":true},{"type":"Other","status":"False","n":2}]}}
        """;

    [Theory]
    [InlineData(".spec.a", "[\"aa\"]")]
    [InlineData(".spec.missing.x", "[]")]
    [InlineData(".spec.nul", "[null]")]
    [InlineData(".spec.list[0]", "[\"p\"]")]
    [InlineData(".spec.list[-1]", "[\"r\"]")]
    [InlineData(".spec.list[1:]", "[\"q\",\"r\"]")]
    [InlineData(".spec.list[0:3:2]", "[\"p\",\"r\"]")]
    [InlineData(".spec.list[*]", "[\"p\",\"q\",\"r\"]")]
    [InlineData(".spec.list[0,2]", "[\"p\",\"r\"]")]
    [InlineData(".spec.map.a\\.b", "[\"1\"]")]
    [InlineData(".spec.map['c-d']", "[\"2\"]")]
    [InlineData(".spec.map.*", "[\"1\",\"2\"]")]
    [InlineData(".spec..type", "[\"Ready\",\"Other\"]")]
    [InlineData(".spec.conds[?(@.type==\"Ready\")].status", "[\"True\"]")]
    [InlineData(".spec.conds[?(@.type=='Ready')].status", "[\"True\"]")]
    [InlineData(".spec.conds[?(@.type!=\"Ready\")].status", "[\"False\"]")]
    [InlineData(".spec.conds[?(@.n>1)].type", "[\"Other\"]")]
    [InlineData(".spec.conds[?(@.ok==true)].type", "[\"Ready\"]")]
    [InlineData(".spec.conds[?(@.ok)].type", "[\"Ready\"]")]
    public void A_path_finds_what_it_says(string path, string found) =>
        Assert.Equal(
            found,
            new JsonArray(
                [
                    .. JsonPath.Parse(path).Find(JsonNode.Parse(Document)).Select(node => node?.DeepClone()),
                ]).ToJsonString());

    [Theory]
    [InlineData(".spec.list[5]")]
    [InlineData(".spec.a[0]")]
    [InlineData(".spec.obj[?(@.x==1)]")]
    [InlineData(".spec.conds[?(@.n==\"1\")]")]
    public void A_path_that_does_not_suit_the_value_finds_nothing_to_show(string path) =>
        Assert.False(JsonPath.Parse(path).TryFindFirst(JsonNode.Parse(Document), out _));

    [Theory]
    [InlineData(".a[")]
    [InlineData(".a[x]")]
    [InlineData(".a[?(@.b==1)")]
    [InlineData(".a[?(@.b==\"x)]")]
    [InlineData("....a")]
    [InlineData("#")]
    public void What_is_not_a_path_is_refused(string path) =>
        Assert.Throws<FormatException>(() => JsonPath.Parse(path));
}
