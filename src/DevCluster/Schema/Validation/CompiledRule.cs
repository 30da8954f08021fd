using DevCluster.Schema.Cel;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>A rule with its expressions compiled; or with the reason why one does not compile.</summary>
internal sealed record CompiledRule(ValidationRule Rule)
{
    private const string Self = "self";
    private const string OldSelf = "oldSelf";

    /// <summary>Null for an empty rule or one that does not compile.</summary>
    public CelProgram? Program { get; private init; }

    public string? Problem { get; private init; }

    public CelProgram? MessageExpression { get; private init; }

    public string? MessageProblem { get; private init; }

    /// <summary>A transition rule: it compares with the old value.</summary>
    public bool UsesOldSelf => Program?.Uses(OldSelf) == true;

    /// <summary>Below the object that has the rule; null when the rule names none.</summary>
    public string? FieldPath { get; private init; }

    /// <summary>What the text to show is: the rule's message, else the rule.</summary>
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
