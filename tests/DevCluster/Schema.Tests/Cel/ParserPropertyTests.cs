using System.Globalization;
using CsCheck;
using DevCluster.Schema.Cel;

namespace DevCluster.Schema.Tests.Cel;

public sealed class ParserPropertyTests
{
    private static readonly Gen<string> Expressions = Gen.Recursive<string>((depth, nested) =>
    {
        var leaf = Gen.OneOf<string>(
            Gen.OneOf<string>("self", "x", "true", "null", "'a\\'b'", "r\"\\d\"", "b'x'", "1.5", "7u", "[]", "{}"),
            Gen.Int[-9, 9].Select(number => number.ToString(CultureInfo.InvariantCulture)));
        return depth > 4 ? leaf : Gen.Frequency(
            (2, leaf),
            (3, Gen.Select(
                nested, Gen.OneOf<string>("+", "-", "*", "/", "%", "==", "!=", "<", "<=", "in", "&&", "||"), nested)
                    .Select((left, symbol, right) => $"({left}) {symbol} ({right})")),
            (1, Gen.Select(nested, nested, nested).Select((a, b, c) => $"({a}) ? ({b}) : ({c})")),
            (1, nested.Select(operand => $"!({operand})")),
            (1, nested.Select(operand => $"({operand}).field")),
            (1, Gen.Select(nested, nested).Select((list, index) => $"({list})[{index}]")),
            (1, nested.Array[0, 3].Select(items => $"[{string.Join(", ", items)}]")),
            (1, Gen.Select(nested, nested).Select((key, value) => $"{{{key}: {value}}}")),
            (1, Gen.Select(nested, nested).Select((range, body) => $"({range}).all(v, {body})")));
    });

    [Fact]
    public void Printing_what_was_parsed_and_parsing_it_again_gives_the_same_tree() => Expressions.Sample(text =>
    {
        var printed = Print(Parse(text));

        return Print(Parse(printed)) == printed;
    });

    [Fact]
    public void Any_text_is_parsed_or_refused_with_a_place_within_it() =>
        Gen.Char[" abself.+-*()[]{}'\"\\?:,&|=!<>0123456789é\n"].Array[0, 30].Select(
            characters => new string(characters)).Sample(text =>
        {
            var issues = new List<CelIssue>();
            var tree = CelParser.Parse(text, issues);

            return tree is null == issues.Count > 0
                && issues.TrueForAll(issue => issue.Offset >= 0 && issue.Offset <= text.Length);
        });

    [Fact]
    public void Deep_nesting_is_refused_rather_than_overflowing_the_stack()
    {
        var issues = new List<CelIssue>();

        Assert.Null(CelParser.Parse(new string('(', 10_000), issues));
        Assert.Contains("recursion limit", Assert.Single(issues).Message, StringComparison.Ordinal);
    }

    private static CelExpression Parse(string text)
    {
        var issues = new List<CelIssue>();
        return CelParser.Parse(text, issues) ?? throw new InvalidOperationException($"{text}: {issues[0].Message}");
    }

    /// <summary>With all parentheses; folds by their parts.</summary>
    private static string Print(CelExpression node) => node switch
    {
        CelExpression.Literal literal => PrintLiteral(literal.Value),
        CelExpression.Identifier identifier => identifier.Name.TrimStart('@', '#'),
        CelExpression.Select select => $"({Print(select.Operand)}).{select.Field}",
        CelExpression.Call { Function: "_?_:_" } call =>
            $"(({Print(call.Arguments[0])}) ? ({Print(call.Arguments[1])}) : ({Print(call.Arguments[2])}))",
        CelExpression.Call { Function: "_[_]" } call => $"({Print(call.Arguments[0])})[{Print(call.Arguments[1])}]",
        CelExpression.Call { Function: "!_" or "-_" } call => $"{call.Function[0]}({Print(call.Arguments[0])})",
        CelExpression.Call { Function: "@in" } call =>
            $"(({Print(call.Arguments[0])}) in ({Print(call.Arguments[1])}))",
        CelExpression.Call { Function: ['_', .. var symbol, '_'] } call =>
            $"(({Print(call.Arguments[0])}) {symbol} ({Print(call.Arguments[1])}))",
        CelExpression.Call call => $"{call.Function.TrimStart('@')}({string.Join(", ", call.Arguments.Select(Print))})",
        CelExpression.CreateList list => $"[{string.Join(", ", list.Elements.Select(Print))}]",
        CelExpression.CreateMap map =>
            $"{{{string.Join(", ", map.Entries.Select(entry => $"{Print(entry.Key)}: {Print(entry.Value)}"))}}}",
        CelExpression.Comprehension fold =>
            $"fold({Print(fold.Range)}, {fold.Variable}, {Print(fold.Condition)}, {Print(fold.Step)}, "
            + $"{Print(fold.Result)})",
        _ => throw new InvalidOperationException(node.GetType().Name),
    };

    private static string PrintLiteral(object value) => value switch
    {
        string text =>
            $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'",
        byte[] bytes => $"b'{string.Concat(bytes.Select(unit => $"\\x{unit:x2}"))}'",
        ulong number => number.ToString(CultureInfo.InvariantCulture) + "u",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => "null",
    };
}
