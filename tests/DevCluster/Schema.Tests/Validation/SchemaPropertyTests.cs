using System.Text.Json.Nodes;
using CsCheck;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Tests.Validation;

public sealed class SchemaPropertyTests
{
    private static readonly TypeSchema Schema = CompiledSchema.Of(
        """
        {"type":"object","properties":{
          "a":{"type":"string"},"b":{"type":"integer","default":5},"o":{"type":"object","default":{},"properties":{"a":{"type":"string","default":"x"},"b":{"type":"integer"}}},
          "l":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer","default":1}}}},
          "m":{"type":"object","additionalProperties":{"type":"object","properties":{"b":{"type":"integer","default":2}}}},
          "n":{"type":"string","nullable":true,"default":"y"},"k":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}
        """);

    /// <summary>Objects that share some field names with the schema and have others.</summary>
    private static readonly Gen<string> Specs = Gen.Recursive<string>((depth, nested) =>
    {
        var scalar = Gen.OneOf<string>("null", "1", "\"s\"", "true");
        var value = depth > 3
            ? scalar
            : Gen.Frequency(
                (3, scalar), (2, nested), (1, nested.Array[0, 3].Select(items => $"[{string.Join(',', items)}]")));
        return Gen.Select(Gen.OneOf<string>("a", "b", "o", "l", "m", "n", "k", "z"), value)
            .Array[0, 5]
            .Select(
                fields =>
                    $"{{{string.Join(',', fields.DistinctBy(field => field.Item1).Select(field => $"\"{field.Item1}\":{field.Item2}"))}}}");
    });

    [Fact]
    public void Pruning_leaves_nothing_to_prune() => Specs.Sample(spec =>
    {
        var value = CompiledSchema.Resource($"{{\"spec\":{spec}}}");
        SchemaPruner.Prune(value, Schema);

        return SchemaPruner.Prune(value, Schema).Count == 0;
    });

    [Fact]
    public void A_dry_run_finds_what_pruning_removes_and_changes_nothing() => Specs.Sample(spec =>
    {
        var value = CompiledSchema.Resource($"{{\"spec\":{spec}}}");
        var before = value.ToJsonString();
        var found = SchemaPruner.Prune(value, Schema, dryRun: true);

        return value.ToJsonString() == before && found.SequenceEqual(SchemaPruner.Prune(value, Schema));
    });

    [Fact]
    public void Defaulting_twice_is_defaulting_once() => Specs.Sample(spec =>
    {
        var value = CompiledSchema.Resource($"{{\"spec\":{spec}}}");
        SchemaPruner.Prune(value, Schema);
        SchemaDefaulter.Default(value, Schema);
        var once = value.ToJsonString();
        SchemaDefaulter.Default(value, Schema);

        return value.ToJsonString() == once;
    });

    [Fact]
    public void Defaults_are_valid_and_known() => Specs.Sample(spec =>
    {
        var value = CompiledSchema.Resource($"{{\"spec\":{spec}}}");
        SchemaPruner.Prune(value, Schema);
        var before = SchemaValidator.Validate(value, null, Schema).Select(error => error.Field).ToHashSet();
        SchemaDefaulter.Default(value, Schema);

        return SchemaPruner.Prune(value, Schema).Count == 0
            && SchemaValidator.Validate(value, null, Schema).All(error => before.Contains(error.Field));
    });

    [Fact]
    public void An_update_that_changes_nothing_is_always_tolerated() => Specs.Sample(spec =>
    {
        var value = CompiledSchema.Resource($"{{\"spec\":{spec}}}");

        return SchemaValidator.Validate(value, value.DeepClone(), Schema).Count == 0;
    });

    [Theory]
    [InlineData(
        """{"z":1,"o":{"q":1},"l":[{"b":1,"q":1},{"c":1}],"m":{"k":{"w":1}},"k":{"any":1}}""",
        "spec.l[0].q,spec.l[1].c,spec.m.k.w,spec.o.q,spec.z")]
    [InlineData("""{"a":{"x":1}}""", "spec.a.x")]
    [InlineData("{}", "")]
    public void Unknown_fields_are_named_by_their_paths(string spec, string paths)
    {
        var value = CompiledSchema.Resource($"{{\"spec\":{spec}}}");

        Assert.Equal(paths, string.Join(',', SchemaPruner.Prune(value, Schema)));
    }

    [Theory]
    [InlineData("{}", """{"b":5,"o":{"a":"x"},"n":"y"}""")]
    [InlineData("""{"b":null,"n":null,"a":null,"o":{"a":null}}""", """{"b":5,"n":null,"o":{"a":"x"}}""")]
    [InlineData(
        """{"b":1,"o":{},"n":"q","l":[{}],"m":{"k":{}}}""",
        """{"b":1,"o":{"a":"x"},"n":"q","l":[{"b":1}],"m":{"k":{"b":2}}}""")]
    public void Defaults_fill_gaps_and_forbidden_nulls(string spec, string expected)
    {
        var value = CompiledSchema.Resource($"{{\"spec\":{spec}}}");

        SchemaDefaulter.Default(value, Schema);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), value["spec"]), value["spec"]!.ToJsonString());
    }
}
