using System.Runtime.CompilerServices;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>
/// The compiled rules of one schema, and whether any lie below it. Compiled at first use and kept as long as the
/// schema.
/// </summary>
internal sealed class RuleSet
{
    private static readonly ConditionalWeakTable<TypeSchema, RuleSet> Compiled = [];

    private RuleSet(TypeSchema schema)
    {
        Rules = schema.Rules.Count > 0 && CelDeclaration.Of(schema) is { } declaration
            ? [.. schema.Rules.Select(rule => CompiledRule.Compile(rule, schema, declaration))]
            : [];
        HasAny = schema.Rules.Count > 0 || Children(schema).Any(child => Of(child).HasAny);
    }

    public IReadOnlyList<CompiledRule> Rules { get; }

    /// <summary>Whether the schema or anything below it has rules.</summary>
    public bool HasAny { get; }

    /// <summary>Built-in types are recursive and have no rules: nothing below one is looked at.</summary>
    public static RuleSet Of(TypeSchema schema) => Compiled.GetValue(schema, static key => new RuleSet(key));

    private static IEnumerable<TypeSchema> Children(TypeSchema schema)
    {
        if (schema.Definition is not null)
        {
            yield break;
        }

        foreach (var property in schema.Properties.Values)
        {
            yield return property;
        }

        if (schema.Items is not null)
        {
            yield return schema.Items;
        }

        if (schema.AdditionalProperties is not null)
        {
            yield return schema.AdditionalProperties;
        }
    }
}
