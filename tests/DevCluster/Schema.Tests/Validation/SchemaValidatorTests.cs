using System.Text.Json.Nodes;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Tests.Validation;

public sealed class SchemaValidatorTests
{
    private static readonly Lazy<TypeSchema> ObjectSchema = new(() => CompiledSchema.Of(ObjectCases.Spec));

    private static readonly Lazy<TypeSchema> RuleSchema = new(() => CompiledSchema.Of(RuleCases.Spec));

    [Theory]
    [MemberData(nameof(ObjectCases.All), MemberType = typeof(ObjectCases))]
    public void An_object_is_accepted_or_refused_in_the_words_of_the_real_api(string content, string findings) =>
        AssertFindings(ObjectSchema.Value, null, content, findings);

    [Theory]
    [MemberData(nameof(RuleCases.All), MemberType = typeof(RuleCases))]
    public void A_write_is_accepted_or_refused_by_rules_in_the_words_of_the_real_api(
        string name, string? old, string content, string findings)
    {
        Assert.NotEmpty(name);
        AssertFindings(RuleSchema.Value, old, content, findings);
    }

    [Fact]
    public void Rules_stop_when_the_budget_of_the_object_is_used_up()
    {
        var rules = string.Join(
            ',', Enumerable.Repeat("""{"rule":"self.a.all(x, self.a.all(y, self.a.all(z, x + y + z >= 0)))"}""", 20));
        var schema = SchemaOf(
            """{"type":"object","properties":{"a":{"type":"array","items":{"type":"integer"}}},"x-kubernetes-validations":[""" + rules + "]}");
        var value = new JsonObject { ["a"] = new JsonArray([.. Enumerable.Range(0, 200).Select(i => (JsonNode)i)]) };

        var errors = SchemaValidator.Validate(value, null, schema);

        Assert.Contains("actual cost limit exceeded", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    private static TypeSchema SchemaOf(string schema) => SchemaReader.Read(JsonNode.Parse(schema)!.AsObject());

    private static void AssertFindings(TypeSchema schema, string? old, string content, string findings)
    {
        var value = CompiledSchema.Resource(content);
        SchemaPruner.Prune(value, schema);
        SchemaDefaulter.Default(value, schema);

        var errors = SchemaValidator.Validate(value, old is null ? null : CompiledSchema.Resource(old), schema);

        Assert.True(Findings.Parse(findings).SetEquals(Findings.Of(errors)), Findings.Show(errors));
    }
}
