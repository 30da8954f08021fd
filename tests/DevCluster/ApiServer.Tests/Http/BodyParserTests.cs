using System.Text;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Http;
using DevCluster.ApiServer.Protobuf;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Tests.Http;

public sealed class BodyParserTests
{
    private const string RecordedDefinition =
        "azhzAAozChdhcGlleHRlbnNpb25zLms4cy5pby92MRIYQ3VzdG9tUmVzb3VyY2VEZWZpbml0aW9uEu0FCiIKEnRoaW5ncy5leGFt"
        + "cGxlLmNvbRIAGgAiACoAMgA4AEIAErgFCgtleGFtcGxlLmNvbRoTCgZ0aGluZ3MSACIFVGhpbmcqACIKTmFtZXNwYWNlZDqFBQoC"
        + "djEQARgAIt4ECtsECgASACIAKgZvYmplY3QyADoAUABgAHoAkAEA6gEtCgZjbG9zZWQSIwoAEgAiACoAMgA6AFAAYAB6AJABAPIB"
        + "AggAqAIAuAIAwAIA6gF2CgRtYW55Em4KABIAIgAqADIAOgBQAGAAegCQAQDCAU0SJAoAEgAiACoGc3RyaW5nMgA6AFAAYAB6AJAB"
        + "AKgCALgCAMACABIlCgASACIAKgdib29sZWFuMgA6AFAAYAB6AJABAKgCALgCAMACAKgCALgCAMACAOoBVwoDbWFwElAKABIAIgAq"
        + "ADIAOgBQAGAAegCQAQDyAS8IARIrCgASACIAKgZzdHJpbmcyADoAQgUKAyJ4IlAAYAB6AJABAKgCALgCAMACAKgCALgCAMACAOoB"
        + "YwoFbmVlZHMSWgoAEgAiACoAMgA6AFAAYAB6AJABAIICCwoBYRIGEgFiEgFjggIrCgFkEiYKJAoAEgAiACoGb2JqZWN0MgA6AFAA"
        + "YAB6AJABAKgCALgCAMACAKgCALgCAMACAOoBXQoDb25lElYKABIAIgAqBWFycmF5MgA6AFAAYAB6AJABAMIBMAouCgASACIAKgdp"
        + "bnRlZ2VyMgA6AFAAWQAAAAAAAPg/YAB6AJABAKgCALgCAMACAKgCALgCAMACAOoBKwoEb3BlbhIjCgASACIAKgAyADoAUABgAHoA"
        + "kAEA8gECCAGoAgC4AgDAAgDqAT0KBHNpemUSNQoAEgAiACoGc3RyaW5nMgA6AFAAYAB6AJABAKIBBQoDImEiogEAogEDCgExqAIA"
        + "uAIAwAIAqAIAuAIAwAIAKhgKABIUCgcuc3BlYy5uEgkuc3RhdHVzLm44AFAAGgwSCAoAEgAiACoAIAAaACIA";

    public static TheoryData<string, string> Bombs => new()
    {
        { "application/yaml", "a: &a\n  b: *a\n" },
        { "application/yaml", "x: " + new string('[', 100_000) },
        { "application/yaml", "- &a [*a]" },
        { "application/json", "{\"x\":" + new string('[', 100_000) },
        { "application/json", "{\"x\":" + new string('[', 100_000) + new string(']', 100_000) + "}" },
        { "application/json", string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) },
        { ProtobufBodyParser.MediaType, "k8s\0" + new string('\x0a', 100_000) },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void No_body_of_any_depth_or_self_reference_does_more_than_fail(string media, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);

        Assert.Equal(400, Assert.Throws<ApiStatusException>(() => RequestBody.Parse(media, body, "ConfigMap")).Code);
        if (media != ProtobufBodyParser.MediaType)
        {
            Assert.Equal(400, Assert.Throws<ApiStatusException>(() => PatchBody.Parse(body)).Code);
        }
    }

    [Fact]
    public void Yaml_names_fields_that_occur_twice()
    {
        var parsed = RequestBody.Parse("application/yaml", "data:\n  a: 0644\n  a: yes\n"u8, "ConfigMap");

        Assert.Equal(["data.a"], parsed.Duplicates);
        Assert.Equal("""{"data":{"a":true}}""", parsed.Content.ToJsonString());
    }

    [Fact]
    public void The_last_of_duplicate_fields_wins_and_is_named()
    {
        var parser = new JsonParser();
        var parsed = parser.Parse("""{"a":[{"b":1,"b":2}],"c":{"d":1,"d":3}}"""u8);

        Assert.Equal(["a[0].b", "c.d"], parser.Duplicates);
        Assert.Equal("""{"a":[{"b":2}],"c":{"d":3}}""", parsed!.ToJsonString());
    }

    [Fact]
    public void A_protobuf_namespace_becomes_json()
    {
        var metadata = Field(1, "web"u8).Concat(Field(11, [.. Field(1, "k"u8), .. Field(2, "v"u8)])).ToArray();
        var body = Envelope("v1", "Namespace", Field(1, metadata));

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web","labels":{"k":"v"}}}"""),
            ProtobufBodyParser.Parse(body, "Namespace")));
    }

    [Fact]
    public void Zero_is_kept_where_it_means_something()
    {
        byte[] zeroReplicas = [0x08, 0x00];
        byte[] notPaused = [0x38, 0x00];
        var parsed = ProtobufBodyParser.Parse(
            Envelope("apps/v1", "Deployment", Field(2, [.. zeroReplicas, .. notPaused])), "Deployment");

        Assert.Equal("""{"replicas":0}""", parsed["spec"]!.ToJsonString());
    }

    [Fact]
    public void Every_built_in_kind_that_a_typed_client_writes_has_a_protobuf_form() => Assert.Equal(
        [],
        BuiltInResources.All
            .Where(resource => ProtobufCatalog.Message(resource.ApiVersion, resource.Kind) is null)
            .Select(resource => $"{resource.ApiVersion} {resource.Kind}"));

    /// <summary>The bytes are what Go's serializer makes of the JSON.</summary>
    [Fact]
    public void A_protobuf_definition_carries_schemas_booleans_lists_and_null()
    {
        var body = Convert.FromBase64String(RecordedDefinition);
        var parsed = ProtobufBodyParser.Parse(body, "CustomResourceDefinition");

        var expected = JsonNode.Parse(
            """
            {
              "group": "example.com",
              "names": {"plural": "things", "kind": "Thing"},
              "scope": "Namespaced",
              "versions": [{
                "name": "v1",
                "served": true,
                "storage": false,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                  "closed": {"additionalProperties": false},
                  "many": {"items": [{"type": "string"}, {"type": "boolean"}]},
                  "map": {"additionalProperties": {"type": "string", "default": "x"}},
                  "needs": {"dependencies": {"a": ["b", "c"], "d": {"type": "object"}}},
                  "one": {"type": "array", "items": {"type": "integer", "minimum": 1.5}},
                  "open": {"additionalProperties": true},
                  "size": {"type": "string", "enum": ["a", null, 1]}
                }}},
                "subresources": {
                  "status": {},
                  "scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}
                }
              }]
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, parsed["spec"]), parsed["spec"]!.ToJsonString());
    }

    [Fact]
    public void What_is_cut_off_inside_a_field_is_a_bad_request()
    {
        var content = Field(1, Field(1, "web"u8));
        var body = Envelope("v1", "Namespace", content);
        var contentStart = body.Length - content.Length - 2;

        for (var length = contentStart + 1; length < body.Length; length++)
        {
            var cut = body[..length];
            Assert.Equal(400, Assert.Throws<ApiStatusException>(() => ProtobufBodyParser.Parse(cut, "Namespace")).Code);
        }
    }

    [Fact]
    public void A_deep_protobuf_body_is_a_bad_request()
    {
        // A schema in a schema: CustomResourceDefinition.spec.versions[].schema.openAPIV3Schema.not.not...
        byte[] schema = [];
        for (var i = 0; i < 2_000; i++)
        {
            schema = Wide(31, schema);
        }

        var crd = Wide(2, Wide(7, Wide(4, Wide(1, schema))));
        byte[] body =
        [
            .. "k8s\0"u8,
            .. Field(1, [.. Field(1, "apiextensions.k8s.io/v1"u8), .. Field(2, "CustomResourceDefinition"u8)]),
            .. Wide(2, crd),
        ];

        Assert.InRange(
            Assert.Throws<ApiStatusException>(() => ProtobufBodyParser.Parse(body, "CustomResourceDefinition")).Code,
            400,
            415);
    }

    private static byte[] Wide(int number, byte[] content)
    {
        static IEnumerable<byte> Varint(int value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                yield return (byte)(value | 0x80);
            }

            yield return (byte)value;
        }

        return [.. Varint((number << 3) | 2), .. Varint(content.Length), .. content];
    }

    private static byte[] Envelope(string apiVersion, string kind, byte[] raw) =>
        [
            .. "k8s\0"u8,
            .. Field(1, [.. Field(1, Encoding.UTF8.GetBytes(apiVersion)), .. Field(2, Encoding.UTF8.GetBytes(kind))]),
            .. Field(2, raw),
        ];

    private static byte[] Field(int number, ReadOnlySpan<byte> content) =>
        [(byte)((number << 3) | 2), (byte)content.Length, .. content];
}
