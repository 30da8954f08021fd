using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Patching;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Tests.Patching;

public sealed class StrategicMergePatchTests
{
    private static readonly TypeSchema Pod = BuiltInSchemas.For("v1", "Pod");
    private static readonly TypeSchema Deployment = BuiltInSchemas.For("apps/v1", "Deployment");

    public static TheoryData<string, string, string, string> Containers() => new()
    {
        {
            "an item with a known key merges",
            """[{"name":"a","image":"1"},{"name":"b"}]""",
            """{"containers":[{"name":"a","image":"2"}]}""",
            """[{"name":"a","image":"2"},{"name":"b"}]"""
        },
        {
            "an item with a new key is added, in front as nothing orders it",
            """[{"name":"a"}]""",
            """{"containers":[{"name":"b","image":"1"}]}""",
            """[{"name":"b","image":"1"},{"name":"a"}]"""
        },
        {
            "null removes a field of an item",
            """[{"name":"a","image":"1"}]""",
            """{"containers":[{"name":"a","image":null}]}""",
            """[{"name":"a"}]"""
        },
        {
            "$patch delete removes an item, present or not",
            """[{"name":"a"},{"name":"b"}]""",
            """{"containers":[{"name":"a","$patch":"delete"},{"name":"z","$patch":"delete"}]}""",
            """[{"name":"b"}]"""
        },
        {
            "$patch replace in a list replaces the list",
            """[{"name":"a"},{"name":"b"}]""",
            """{"containers":[{"name":"c"},{"$patch":"replace"}]}""",
            """[{"name":"c"}]"""
        },
        {
            "$setElementOrder orders the items it names",
            """[{"name":"a"},{"name":"b"},{"name":"c"}]""",
            """{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}]}""",
            """[{"name":"b"},{"name":"c"},{"name":"a"}]"""
        },
        {
            "$setElementOrder with changes and additions",
            """[{"name":"a"},{"name":"b"}]""",
            """{"$setElementOrder/containers":[{"name":"n"},{"name":"b"},{"name":"a"}],"containers":[{"name":"n"},{"name":"a","image":"1"}]}""",
            """[{"name":"n"},{"name":"b"},{"name":"a","image":"1"}]"""
        },
        {
            "lists inside items merge by their own key",
            """[{"name":"a","ports":[{"containerPort":80,"name":"x"},{"containerPort":81}]}]""",
            """{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"UDP"}]}]}""",
            """[{"name":"a","ports":[{"containerPort":80,"name":"x","protocol":"UDP"},{"containerPort":81}]}]"""
        },
        {
            "lists without a strategy are replaced",
            """[{"name":"a","command":["x","y"]}]""",
            """{"containers":[{"name":"a","command":["z"]}]}""",
            """[{"name":"a","command":["z"]}]"""
        },
        {
            "directives inside a new item are not stored",
            """[{"name":"a"}]""",
            """{"containers":[{"name":"b","$setElementOrder/ports":[{"containerPort":1}],"ports":[{"containerPort":1}],"env":[{"name":"X","$patch":"delete"}]}]}""",
            """[{"name":"b","ports":[{"containerPort":1}],"env":[{"name":"X"}]},{"name":"a"}]"""
        },
    };

    [Theory]
    [MemberData(nameof(Containers))]
    public void Lists_merge_by_key(string rule, string live, string patch, string expected)
    {
        var result = Apply(Pod, $$$"""{"spec":{"containers":{{{live}}}}}""", $$$"""{"spec":{{{patch}}}}""");

        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected), result["spec"]!["containers"]),
            $"{rule}: {result.ToJsonString()}");
    }

    [Theory]
    [InlineData("""["x","y"]""", """{"finalizers":["z","x"]}""", """["z","x","y"]""")]
    [InlineData("""["x","y"]""", """{"$deleteFromPrimitiveList/finalizers":["x","q"]}""", """["y"]""")]
    [InlineData(
        """["x","y"]""", """{"$deleteFromPrimitiveList/finalizers":["x"],"finalizers":["z"]}""", """["z","y"]""")]
    [InlineData("""["x","y"]""", """{"$setElementOrder/finalizers":["y","x"]}""", """["y","x"]""")]
    [InlineData("""["x"]""", """{"finalizers":null}""", "null")]
    public void Lists_of_scalars_merge_as_sets(string live, string patch, string expected)
    {
        var result = Apply(Pod, $$$"""{"metadata":{"finalizers":{{{live}}}}}""", $$$"""{"metadata":{{{patch}}}}""");

        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected), result["metadata"]!["finalizers"]), result.ToJsonString());
    }

    [Theory]
    [InlineData("""{"data":{"$patch":"replace","c":"3"}}""", """{"data":{"c":"3"}}""")]
    [InlineData("""{"data":{"$patch":"delete"}}""", """{"data":{}}""")]
    [InlineData("""{"data":{"a":null,"c":"3"}}""", """{"data":{"b":"2","c":"3"}}""")]
    [InlineData("""{"binaryData":{"$patch":"delete"}}""", """{"data":{"a":"1","b":"2"}}""")]
    [InlineData("""{"binaryData":{"x":null,"y":"eg=="}}""", """{"data":{"a":"1","b":"2"},"binaryData":{"y":"eg=="}}""")]
    public void Maps_take_directives(string patch, string expected)
    {
        var result = Apply(BuiltInSchemas.For("v1", "ConfigMap"), """{"data":{"a":"1","b":"2"}}""", patch);

        Assert.Equal(expected, result.ToJsonString());
    }

    [Fact]
    public void Retained_keys_drop_the_others_of_a_union()
    {
        var result = Apply(
            Deployment,
            """{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""",
            """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""");

        Assert.Equal("""{"spec":{"strategy":{"type":"Recreate"}}}""", result.ToJsonString());
    }

    [Fact]
    public void A_selector_that_says_replace_is_replaced()
    {
        var result = Apply(
            BuiltInSchemas.For("policy/v1", "PodDisruptionBudget"),
            """{"spec":{"selector":{"matchLabels":{"a":"1"}}}}""",
            """{"spec":{"selector":{"matchLabels":{"b":"2"}}}}""");

        Assert.Equal("""{"spec":{"selector":{"matchLabels":{"b":"2"}}}}""", result.ToJsonString());
    }

    // Codes and words as a real API server answers them.
    [Theory]
    [InlineData(
        """{"containers":[{"image":"q"}]}""", 500, "map: map[image:q] does not contain declared merge key: name")]
    [InlineData(
        """{"containers":[{"name":"x","$patch":"foo"}]}""",
        500,
        "unknown patch type: foo in map: map[$patch:foo name:x]")]
    [InlineData("""{"$patch":"foo"}""", 500, "unknown patch type: foo in map: map[$patch:foo]")]
    [InlineData(
        """{"containers":[{"$patch":"delete"}]}""",
        500,
        "map: map[$patch:delete] does not contain declared merge key: name")]
    [InlineData(
        """{"containers":[{"$patch":"merge","name":"x"}]}""",
        500,
        "merging lists cannot yet be specified in the patch")]
    [InlineData("""{"$setElementOrder/containers":"x"}""", 500, "expected a []interface {}, but received a string")]
    [InlineData(
        """{"$setElementOrder/containers":[{"name":"q"}],"containers":[{"name":"x","image":"1"}]}""",
        500,
        "The order in patch list:\n[map[image:1 name:x]]\n doesn't match $setElementOrder list:\n[map[name:q]]\n")]
    [InlineData("""{"securityContext":{"$retainKeys":"a"}}""", 400, "invalid patch format of retainKeys")]
    [InlineData("""{"securityContext":{"$retainKeys":["a"],"b":1}}""", 400, "invalid patch format of retainKeys")]
    [InlineData("""{"$deleteFromPrimitiveList":["x"]}""", 400, "invalid patch format of primitive list")]
    public void Contradictions_are_refused_in_the_words_of_the_API(string patch, int code, string message)
    {
        var error = Assert.Throws<ApiStatusException>(() =>
            Apply(
                Pod, """{"spec":{"containers":[{"name":"x"}],"securityContext":{}}}""", $$$"""{"spec":{{{patch}}}}"""));

        Assert.Equal(code, error.Code);
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Neither_argument_changes()
    {
        var (live, patch) =
            ("""{"spec":{"containers":[{"name":"a"}]}}""",
                """{"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"b"}]}}""");
        var (target, change) = (Parse(live), Parse(patch));

        StrategicMergePatch.Apply(target, change, Pod);

        Assert.Equal(live, target.ToJsonString());
        Assert.Equal(patch, change.ToJsonString());
    }

    private static JsonObject Apply(TypeSchema schema, string live, string patch) =>
        StrategicMergePatch.Apply(Parse(live), Parse(patch), schema);

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
