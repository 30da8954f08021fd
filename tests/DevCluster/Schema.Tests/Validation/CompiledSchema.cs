using System.Text.Json.Nodes;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Tests.Validation;

/// <summary>Schemas of whole resources, made as the server makes them: from a CRD.</summary>
internal static class CompiledSchema
{
    public static CrdCompilation Compile(JsonNode spec) => CrdCompiler.Compile(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "foos.example.dev" },
        ["spec"] = new JsonObject
        {
            ["group"] = "example.dev",
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject
            {
                ["plural"] = "foos",
                ["singular"] = "foo",
                ["kind"] = "Foo",
                ["listKind"] = "FooList",
            },
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = "v1",
                ["served"] = true,
                ["storage"] = true,
                ["schema"] = new JsonObject
                {
                    ["openAPIV3Schema"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["properties"] = new JsonObject { ["spec"] = spec },
                    },
                },
            }),
        },
    });

    public static TypeSchema Of(string spec) => Assert.Single(Compile(JsonNode.Parse(spec)!).Definitions).Schema;

    public static JsonObject Resource(string content)
    {
        var resource = new JsonObject
        {
            ["apiVersion"] = "example.dev/v1",
            ["kind"] = "Foo",
            ["metadata"] = new JsonObject { ["name"] = "x", ["namespace"] = "default" },
        };
        foreach (var (key, value) in JsonNode.Parse(content)!.AsObject())
        {
            resource[key] = value?.DeepClone();
        }

        return resource;
    }
}
