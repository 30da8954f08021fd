// Cel: the expression language of Kubernetes: parser, checker, cost limits, evaluator and libraries.

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Cel;

/// <summary>Parses and checks expressions.</summary>
internal static class CelCompiler
{
    private const int LongestExpression = 100_000;

    /// <summary>
    /// Compiles an expression. On failure it returns null and a description of all issues with their positions, in the
    /// real API's format.
    /// </summary>
    public static CelProgram? Compile(string text, IReadOnlyDictionary<string, CelType> variables, out string problems)
    {
        var issues = new List<CelIssue>();
        var program = Compile(text, variables, issues);
        problems = new CelSource(text).Describe(issues);
        return program;
    }

    private static CelProgram? Compile(
        string text, IReadOnlyDictionary<string, CelType> variables, List<CelIssue> issues)
    {
        if (text.Length > LongestExpression)
        {
            issues.Add(
                new CelIssue(
                    0, $"expression code point size exceeds limit: size: {text.Length}, limit {LongestExpression}"));
            return null;
        }

        if (CelParser.Parse(text, issues) is not { } root)
        {
            return null;
        }

        var expression = CelChecker.Check(root, variables, issues);
        if (issues.Count == 0)
        {
            CelLiteralValidator.Validate(expression, issues);
        }

        return issues.Count == 0 ? new CelProgram(expression) : null;
    }
}

/// <summary>A compiled expression, which can be evaluated repeatedly and from any thread.</summary>
internal sealed class CelProgram(CelCheckedExpression expression)
{
    /// <summary>The maximum cost of one evaluation, as in the real API.</summary>
    public const long CostLimit = 1_000_000;

    /// <summary>
    /// The maximum total cost of the rules of one object, or of the validations of one policy, as in the real API.
    /// </summary>
    public const long Budget = 10_000_000;

    public const string BudgetExceeded =
        "validation failed due to running out of cost budget, no further validation rules will be run";

    public CelCheckedExpression Expression => expression;

    public CelType ResultType => expression.ResultType;

    public bool Uses(string variable) => expression.UsedVariables.Contains(variable);

    public CelOutcome Evaluate(Func<string, object?> variables)
    {
        var evaluator = new CelEvaluator(expression, variables, CostLimit);
        try
        {
            return new CelOutcome(evaluator.Evaluate(), evaluator.Cost);
        }
        catch (CelCostException exceeded)
        {
            return new CelOutcome(new CelError(exceeded.Message), CostLimit, IsOverLimit: true);
        }
    }
}

/// <summary>The result of an evaluation.</summary>
/// <param name="Value">A value or a <see cref="CelError"/>.</param>
/// <param name="Cost">The cost of the evaluation; the limit if evaluation stopped there.</param>
internal sealed record CelOutcome(object Value, long Cost, bool IsOverLimit = false)
{
    private const int LongestMessage = 5 * 1024;

    /// <summary>
    /// The result of a message expression; null if it is blank, too long, multi-line or not a string.
    /// </summary>
    public static string? Message(object? value) =>
        value is string text
        && text.Trim() is { Length: > 0 } message
        && !message.Contains('\n', StringComparison.Ordinal)
        && Encoding.UTF8.GetByteCount(message) <= LongestMessage
            ? message
            : null;
}

/// <summary>
/// The declaration of a schema for expressions: its type and the maximum size of its values, from which worst-case
/// costs are estimated. Data whose structure the schema leaves open is not declared.
/// </summary>
internal sealed class CelDeclaration
{
    /// <summary>The maximum size of a request, and so of a value.</summary>
    private const long LargestRequest = 3 * 1024 * 1024;

    private const long SmallestText = 2;
    private const long SmallestDuration = 3;
    private const long LargestDuration = 32;
    private const long DateLength = 12;
    private const long SmallestDate = 12;
    private const long SmallestTimestamp = 21;
    private const long LargestTimestamp = 32;

    public required CelType Type { get; init; }

    /// <summary>The maximum number of characters, items or entries; unused for scalars.</summary>
    public long MostElements { get; init; }

    /// <summary>The minimum size in bytes of JSON.</summary>
    public long SmallestSize { get; init; } = 1;

    public IReadOnlyDictionary<string, CelDeclaration> Fields { get; init; } = new Dictionary<string, CelDeclaration>();

    public CelDeclaration? Element { get; init; }

    public CelDeclaration? Key { get; init; }

    /// <summary>How often the value can occur in one request if the schema does not bound it.</summary>
    public ulong MostOccurrences => (ulong)(LargestRequest / (SmallestSize + 1));

    /// <summary>The declaration; null if expressions cannot access such a value.</summary>
    public static CelDeclaration? FromSchema(TypeSchema schema) => schema switch
    {
        { IsIntOrString: true } =>
            new CelDeclaration { Type = CelType.Dyn, MostElements = schema.MaxLength * 4 ?? LargestRequest - 2 },
        { Type: "array" } => OfList(schema),
        { Type: "object", AdditionalProperties: { } values } when values.Type.Length > 0 || values.IsIntOrString =>
            OfMap(schema, values),
        { Type: "object" } => OfObject(schema),
        { Type: "string" } => OfText(schema),
        { Type: "boolean" } => new CelDeclaration { Type = CelType.Bool, SmallestSize = 4 },
        { Type: "number" } => new CelDeclaration { Type = CelType.Double },
        { Type: "integer" } => new CelDeclaration { Type = CelType.Int },
        _ => null,
    };

    private static CelDeclaration? OfList(TypeSchema schema) =>
        schema.Items is null || FromSchema(schema.Items) is not { } element ? null : new CelDeclaration
        {
            Type = CelType.List(element.Type),
            Element = element,
            MostElements = NotNegative(schema.MaxItems) ?? (LargestRequest - 2) / (element.SmallestSize + 1),
            SmallestSize = 2,
        };

    private static CelDeclaration? OfMap(TypeSchema schema, TypeSchema values) =>
        FromSchema(values) is not { } value ? null : new CelDeclaration
        {
            Type = CelType.Map(CelType.String, value.Type),
            Key = new CelDeclaration { Type = CelType.String, SmallestSize = SmallestText },
            Element = value,
            MostElements = NotNegative(schema.MaxProperties) ?? (LargestRequest - 2) / (value.SmallestSize + 6),
            SmallestSize = 2,
        };

    private static CelDeclaration OfObject(TypeSchema schema)
    {
        var fields = new Dictionary<string, CelDeclaration>(StringComparer.Ordinal);
        var size = 2L;
        foreach (var (name, property) in schema.Properties)
        {
            var field = IsObjectMeta(property) ? ObjectMeta : FromSchema(property);
            if (field is null)
            {
                continue;
            }

            if (CelNames.Escape(name) is { } escaped)
            {
                fields[escaped] = field;
            }

            if (schema.Required.Contains(name) && property.Default is null)
            {
                size += name.Length + field.SmallestSize + 4;
            }
        }

        return new CelDeclaration
        {
            Type = CelType.Object(
                "object", fields.ToDictionary(field => field.Key, field => field.Value.Type, StringComparer.Ordinal)),
            Fields = fields,
            SmallestSize = size,
        };
    }

    private static CelDeclaration ObjectMeta { get; } = OfObject(
        new TypeSchema("object", () => new Dictionary<string, TypeSchema>
        {
            ["name"] = new("string"),
            ["generateName"] = new("string"),
        }));

    /// <summary>Expressions can access only name and generateName of an object's metadata.</summary>
    private static bool IsObjectMeta(TypeSchema schema) =>
        schema.Definition?.EndsWith(".ObjectMeta", StringComparison.Ordinal) == true;

    private static CelDeclaration OfText(TypeSchema schema) => schema.Format switch
    {
        "byte" =>
            new()
            {
                Type = CelType.Bytes,
                MostElements = NotNegative(schema.MaxLength) ?? LargestRequest - 2,
                SmallestSize = SmallestText,
            },
        "duration" =>
            new() { Type = CelType.Duration, MostElements = LargestDuration, SmallestSize = SmallestDuration },
        "date" => new() { Type = CelType.Timestamp, MostElements = DateLength, SmallestSize = SmallestDate },
        "date-time" =>
            new() { Type = CelType.Timestamp, MostElements = LargestTimestamp, SmallestSize = SmallestTimestamp },
        _ => new() { Type = CelType.String, MostElements = LongestText(schema), SmallestSize = SmallestText },
    };

    /// <summary>A character has up to four bytes.</summary>
    private static long LongestText(TypeSchema schema) =>
        NotNegative(schema.MaxLength) * 4
        ?? (schema.Enum.Count > 0 ? schema.Enum.Max(TextLength) : LargestRequest - 2);

    private static long TextLength(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.String
            ? System.Text.Encoding.UTF8.GetByteCount(node.GetValue<string>())
            : 0;

    private static long? NotNegative(long? bound) => bound is null ? null : Math.Max(bound.Value, 0);
}
