using System.Text.Json.Nodes;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Tests.Validation;

namespace DevCluster.Schema.Tests.Crds;

public sealed class CrdCompilerTests
{
    [Theory]
    [MemberData(nameof(CrdCases.All), MemberType = typeof(CrdCases))]
    public void A_crd_is_accepted_or_refused_in_the_words_of_the_real_api(string name, string crd, string findings)
    {
        var compilation = CrdCompiler.Compile(JsonNode.Parse(crd)!.AsObject());

        Assert.True(
            Findings.Parse(findings).SetEquals(Findings.Of(compilation.Errors)),
            $"{name}: {Findings.Show(compilation.Errors)}");
        Assert.Equal(compilation.Errors.Count == 0, compilation.Definitions.Count > 0);
    }

    [Fact]
    public void Every_served_version_becomes_a_resource()
    {
        var compilation = CrdCompiler.Compile(Crd(
            """
            [{"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}},"subresources":{"status":{},"scale":{"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}},
              "additionalPrinterColumns":[{"name":"N","type":"integer","jsonPath":".spec.n","priority":1}]},
             {"name":"v1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object"}}}}},
             {"name":"v0","served":false,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]
            """));

        Assert.Empty(compilation.Errors);
        Assert.Equal("v2", compilation.StorageVersion);
        Assert.Equal(["v2", "v1"], compilation.Definitions.Select(definition => definition.Version));
        var newest = compilation.Definitions[0];
        Assert.Equal(
            ("Foo", "FooList", "foo", true, true),
            (newest.Kind, newest.ListKind, newest.Singular, newest.HasStatus, newest.IsNamespaced));
        Assert.Equal(".spec.n", newest.Scale!.SpecReplicasPath);
        Assert.Equal(["Name", "N"], newest.Columns.Select(column => column.Name));
        Assert.Equal(["Name", "Age"], compilation.Definitions[1].Columns.Select(column => column.Name));
    }

    [Theory]
    [InlineData("scope", "\"Cluster\"", "spec.scope")]
    [InlineData("group", "\"other.dev\"", "spec.group")]
    public void What_decides_where_objects_are_stored_cannot_change(string field, string value, string path)
    {
        var old = Crd(
            """[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]""");
        var changed = old.DeepClone().AsObject();
        changed["spec"]![field] = JsonNode.Parse(value);

        var errors = CrdCompiler.Compile(changed, old).Errors;

        Assert.Contains(
            errors,
            error => error.Field == path && error.Message.EndsWith("field is immutable", StringComparison.Ordinal));
    }

    [Fact]
    public void A_version_that_objects_are_stored_in_cannot_go()
    {
        var old = Crd(
            """[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]""");
        var changed = Crd(
            """[{"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]""");
        changed["status"] = new JsonObject { ["storedVersions"] = new JsonArray("v1", "v2") };

        var error = Assert.Single(CrdCompiler.Compile(changed, old).Errors);

        Assert.Equal("status.storedVersions[0]", error.Field);
        Assert.StartsWith(
            "Invalid value: \"v1\": missing from spec.versions; v1 was previously a storage version",
            error.Message,
            StringComparison.Ordinal);
    }

    private static JsonObject Crd(string versions) => new()
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
            ["versions"] = JsonNode.Parse(versions),
        },
    };
}
