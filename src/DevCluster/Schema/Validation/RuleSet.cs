using System.Runtime.CompilerServices;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>
/// The compiled rules of one schema, and whether there are rules below it. Compiled on first use and cached as long as
/// the schema.
/// </summary>
internal sealed class RuleSet
{
    private static readonly ConditionalWeakTable<TypeSchema, RuleSet> Compiled = [];

    private RuleSet(TypeSchema schema)
    {
        Rules = schema.Rules.Count > 0 && CelDeclaration.FromSchema(schema) is { } declaration
            ? [.. schema.Rules.Select(rule => CompiledRule.Compile(rule, schema, declaration))]
            : [];
        HasAny = schema.Rules.Count > 0 || Children(schema).Any(child => ForSchema(child).HasAny);
    }

    public IReadOnlyList<CompiledRule> Rules { get; }

    /// <summary>Whether the schema or any schema below it has rules.</summary>
    public bool HasAny { get; }

    /// <summary>Built-in types are recursive and have no rules, so they are not visited.</summary>
    public static RuleSet ForSchema(TypeSchema schema) => Compiled.GetValue(schema, static key => new RuleSet(key));

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

/// <summary>A rule with compiled expressions, or with the reason why one does not compile.</summary>
internal sealed record CompiledRule(ValidationRule Rule)
{
    private const string Self = "self";
    private const string OldSelf = "oldSelf";

    /// <summary>Null for an empty or invalid rule.</summary>
    public CelProgram? Program { get; private init; }

    public string? Problem { get; private init; }

    public CelProgram? MessageExpression { get; private init; }

    public string? MessageProblem { get; private init; }

    /// <summary>Whether it is a transition rule, which compares with the old value.</summary>
    public bool UsesOldSelf => Program?.Uses(OldSelf) == true;

    /// <summary>The path below the object with the rule; null if the rule has none.</summary>
    public string? FieldPath { get; private init; }

    /// <summary>The rule's message, or else the rule.</summary>
    public string ShortText => (string.IsNullOrEmpty(Rule.Message) ? Rule.Rule : Rule.Message).Trim();

    public static CompiledRule Compile(ValidationRule rule, TypeSchema schema, CelDeclaration declaration)
    {
        if (string.IsNullOrWhiteSpace(rule.Rule))
        {
            return new CompiledRule(rule);
        }

        var variables = new Dictionary<string, CelType>
        {
            [Self] = declaration.Type,
            [OldSelf] = rule.OptionalOldSelf ? CelType.Optional(declaration.Type) : declaration.Type,
        };
        var program = CelCompiler.Compile(rule.Rule, variables, out var problems);
        if (program is null || program.ResultType.Kind != CelTypeKind.Bool)
        {
            return new CompiledRule(rule)
            {
                Problem = program is null
                    ? $"compilation failed: {problems}"
                    : "cel expression must evaluate to a bool",
            };
        }

        if (CelConstants.FindProblem(program.Expression) is { } constant)
        {
            return new CompiledRule(rule) { Problem = $"program instantiation failed: {constant}" };
        }

        var compiled = new CompiledRule(rule)
        {
            Program = program,
            FieldPath = !string.IsNullOrEmpty(rule.FieldPath)
                && RuleFieldPath.TryResolve(rule.FieldPath, schema, allowBrackets: true, out var path, out _, out _)
                ? path.ToString()
                : null,
        };
        return string.IsNullOrEmpty(rule.MessageExpression)
            ? compiled
            : compiled.WithMessage(rule.MessageExpression, variables);
    }

    public static Func<string, object?> Bind(object self, object? oldSelf) =>
        name => name switch { Self => self, OldSelf => oldSelf, _ => null };

    private CompiledRule WithMessage(string expression, IReadOnlyDictionary<string, CelType> variables)
    {
        var message = CelCompiler.Compile(expression, variables, out var problems);
        return message is null ? this with { MessageProblem = $"messageExpression compilation failed: {problems}" }
            : message.ResultType.Kind != CelTypeKind.String
                ? this with { MessageProblem = "messageExpression must evaluate to a string" }
                : CelConstants.FindProblem(message.Expression) is { } constant
                    ? this with { MessageProblem = $"messageExpression instantiation failed: {constant}" }
                    : this with { MessageExpression = message };
    }
}

/// <summary>
/// The position of rule validation in the old object: the corresponding old value or, below a list without keys, the
/// last ancestor that has one.
/// </summary>
internal sealed record RuleScope(CorrelatedValue? Current, CorrelatedValue? Ancestor)
{
    /// <summary>Whether findings are tolerated here because nothing changed.</summary>
    public bool IsUnchanged => (Current ?? Ancestor)?.IsUnchanged == true;

    public RuleScope Key(string name) =>
        Current is null ? this
        : Ancestor is null && name is "apiVersion" or "kind" ? new RuleScope(null, null)
        : new RuleScope(Current.Key(name), Current);

    public RuleScope Index(int index) => Current is null ? this : new RuleScope(Current.Index(index), Current);
}
