namespace DevCluster.Schema.Cel;

/// <summary>
/// Parses the CEL grammar by recursive descent, expanding macros as it goes. Here are the operators; operands are
/// <see cref="CelOperandParser"/>'s.
/// </summary>
internal sealed class CelParser
{
    private const int DeepestNesting = 250;

    /// <summary>From the loosest binding to the tightest.</summary>
    private static readonly string[][] BinaryOperators =
    [
        ["||"],
        ["&&"],
        ["<", "<=", ">=", ">", "==", "!=", "in"],
        ["+", "-"],
        ["*", "/", "%"],
    ];

    private readonly CelTokenCursor _tokens;
    private readonly CelOperandParser _operands;
    private readonly List<CelIssue> _issues;
    private int _depth;

    private CelParser(string text, List<CelIssue> issues)
    {
        _issues = issues;
        _tokens = new CelTokenCursor(text, CelLexer.Tokenize(text, issues));
        _operands = new CelOperandParser(_tokens, issues, ParseExpression);
    }

    /// <summary>The tree, or null and at least one issue.</summary>
    public static CelExpression? Parse(string text, List<CelIssue> issues)
    {
        var parser = new CelParser(text, issues);
        try
        {
            var expression = parser.ParseExpression();
            if (!parser._tokens.IsAtEnd)
            {
                throw parser._tokens.Unexpected(
                    parser._tokens.Next.Kind == CelTokenKind.End ? "extraneous" : "mismatched", "<EOF>");
            }

            return issues.Count == 0 ? expression : null;
        }
        catch (CelSyntaxException problem)
        {
            issues.Add(problem.Issue);
            return null;
        }
    }

    private CelExpression ParseExpression()
    {
        if (++_depth > DeepestNesting)
        {
            throw new CelSyntaxException(
                new CelIssue(_tokens.Current.Offset, $"expression recursion limit exceeded: {DeepestNesting}"));
        }

        var expression = ParseBinary(0);
        if (_tokens.Current.Is("?"))
        {
            var offset = _tokens.Take().Offset;
            var whenTrue = ParseBinary(0);
            _tokens.Expect(":");
            expression = new CelExpression.Call(offset, "_?_:_", null, [expression, whenTrue, ParseExpression()]);
        }

        _depth--;
        return expression;
    }

    private CelExpression ParseBinary(int level)
    {
        if (level == BinaryOperators.Length)
        {
            return ParseUnary();
        }

        var left = ParseBinary(level + 1);
        while (_tokens.Current.Kind == CelTokenKind.Symbol && BinaryOperators[level].Contains(_tokens.Current.Text))
        {
            var symbol = _tokens.Take();
            var function = symbol.Text == "in" ? "@in" : $"_{symbol.Text}_";
            left = new CelExpression.Call(symbol.Offset, function, null, [left, ParseBinary(level + 1)]);
        }

        return left;
    }

    /// <summary>Signs cancel out in pairs. A minus before a number belongs to the number.</summary>
    private CelExpression ParseUnary()
    {
        var first = _tokens.Current;
        if (!first.Is("!") && (!first.Is("-") || IsNumberNext()))
        {
            return ParseMember();
        }

        var count = 0;
        while (_tokens.Current.Is(first.Text) && !(first.Text == "-" && count % 2 == 0 && count > 0 && IsNumberNext()))
        {
            count++;
            _tokens.Take();
        }

        var operand = ParseMember();
        return count % 2 == 0 ? operand : new CelExpression.Call(first.Offset, first.Text + "_", null, [operand]);
    }

    private bool IsNumberNext() => _tokens.Next.Kind is CelTokenKind.Int or CelTokenKind.Double;

    private CelExpression ParseMember()
    {
        var expression = _operands.Parse();
        while (true)
        {
            if (_tokens.Current.Is("."))
            {
                expression = ParseSelection(expression);
            }
            else if (_tokens.Current.Is("["))
            {
                expression = ParseIndex(expression);
            }
            else
            {
                return expression;
            }
        }
    }

    private CelExpression ParseSelection(CelExpression operand)
    {
        var dot = _tokens.Take();
        var isOptional = _tokens.TryTake("?");
        if (_tokens.Current.Kind is not (CelTokenKind.Identifier or CelTokenKind.EscapedIdentifier))
        {
            throw _tokens.NoField();
        }

        var name = _tokens.Take();
        if (name.Kind == CelTokenKind.EscapedIdentifier)
        {
            // Kubernetes has its own escaping and leaves CEL's switched off.
            _issues.Add(new CelIssue(name.Offset, "unsupported syntax: '`'"));
        }

        if (name.Kind == CelTokenKind.Identifier && !isOptional && _tokens.Current.Is("("))
        {
            var open = _tokens.Current.Offset;
            return CelMacros.Expand(
                new CelExpression.Call(open, name.Text, operand, _operands.ParseArguments()), _issues);
        }

        var field = name.Text.Trim('`');
        return isOptional
            ? new CelExpression.Call(dot.Offset, "_?._", null, [operand, new CelExpression.Literal(name.Offset, field)])
            : new CelExpression.Select(dot.Offset, operand, field);
    }

    private CelExpression.Call ParseIndex(CelExpression operand)
    {
        var open = _tokens.Take();
        var isOptional = _tokens.TryTake("?");
        var index = ParseExpression();
        _tokens.Expect("]");
        return new CelExpression.Call(open.Offset, isOptional ? "_[?_]" : "_[_]", null, [operand, index]);
    }
}
