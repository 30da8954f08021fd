using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.ServerSideApply;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Tests.ServerSideApply;

public sealed class AppliedFieldsTests
{
    public static TheoryData<string, string, string> FieldsOfConfigurations() => new()
    {
        { "scalars", """{"a":"1","n":2}""", """{"f:a":{},"f:n":{}}""" },
        { "maps by key", """{"map":{"k":"v","j":"w"}}""", """{"f:map":{"f:j":{},"f:k":{}}}""" },
        { "an empty map is owned itself", """{"map":{}}""", """{"f:map":{}}""" },
        { "structs in maps with the key", """{"structs":{"k":{"x":1}}}""", """{"f:structs":{"f:k":{".":{},"f:x":{}}}}""" },
        { "sets by value", """{"set":["q","<p>"]}""", """{"f:set":{"v:\"\\u003cp\\u003e\"":{},"v:\"q\"":{}}}""" },
        {
            "items by key",
            """{"items":[{"name":"i","inner":{"p":1}}]}""",
            """{"f:items":{"k:{\"name\":\"i\"}":{".":{},"f:inner":{"f:p":{}},"f:name":{}}}}"""
        },
        {
            "keys with defaults, in alphabetical order",
            """{"ports":[{"port":80},{"protocol":"UDP","port":80}]}""",
            """{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}},"k:{\"port\":80,\"protocol\":\"UDP\"}":{".":{},"f:port":{},"f:protocol":{}}}}"""
        },
        { "atomic lists and maps whole", """{"atoms":[1],"whole":{"x":1}}""", """{"f:atoms":{},"f:whole":{}}""" },
        { "an empty list of items not at all", """{"items":[],"a":"1"}""", """{"f:a":{}}""" },
        {
            "unknown structure as deep as it goes, its lists whole",
            """{"free":{"x":{"y":1},"l":[1],"e":{}}}""",
            """{"f:free":{"f:e":{},"f:l":{},"f:x":{".":{},"f:y":{}}}}"""
        },
        { "an explicit null", """{"n":null}""", """{"f:n":{}}""" },
    };

    [Theory]
    [MemberData(nameof(FieldsOfConfigurations))]
    public void An_applier_owns_what_it_applies(string rule, string spec, string fields)
    {
        var thing = Apply(null, spec, "alice");

        Assert.Equal($"alice Apply {fields}", Things.Owners(thing));
        Assert.NotEmpty(rule);
    }

    // Words as a real API server says them.
    [Theory]
    [InlineData("""{"foo":1}""", ".spec.foo: field not declared in schema")]
    [InlineData("""{"a":1}""", ".spec.a: expected string, got &value.valueUnstructured{Value:1}")]
    [InlineData("""{"map":[]}""", ".spec.map: expected map, got &{[]}")]
    [InlineData("""{"items":[{"name":"x"},{"name":"x"}]}""", ".spec.items: duplicate entries for key [name=\"x\"]")]
    [InlineData(
        """{"items":["x"]}""", ".spec.items: element 0: associative list with keys may not have non-map elements")]
    public void What_does_not_fit_the_type_is_named(string spec, string problem)
    {
        var error = Assert.Throws<ApiStatusException>(() => Apply(null, spec, "alice"));

        Assert.Equal(500, error.Code);
        Assert.Equal(
            $"failed to create typed patch object (here/one; example.dev/v1, Kind=Thing): {problem}", error.Message);
    }

    [Fact]
    public void A_pod_is_owned_as_a_real_server_records_it()
    {
        var deployment = Things.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"e","namespace":"t"},"spec":{"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"x","image":"i","ports":[{"containerPort":80}],"env":[{"name":"A","value":"1"}]}]}}}}
            """);

        var result = FieldOwnership.Apply(
            null, deployment, BuiltInSchemas.For("apps/v1", "Deployment"), "m1", null, false, Things.Noon);

        var expected = Things.Parse("""
            {"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"x\"}":{".":{},
             "f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{},
             "f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}}}
            """);
        var fields = result["metadata"]!["managedFields"]![0]!["fieldsV1"]!;
        Assert.True(JsonNode.DeepEquals(expected, fields), fields.ToJsonString());
    }

    private static JsonObject Apply(JsonObject? live, string spec, string manager) =>
        FieldOwnership.Apply(live, Things.With(spec), Things.Schema, manager, null, false, Things.Noon);
}
