namespace DevCluster.Schema.Cel;

/// <summary>
/// Parses the CEL grammar by recursive descent and expands macros. This class parses operators; <see
/// cref="CelOperandParser"/> parses operands.
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

    /// <summary>The syntax tree; null if there are issues.</summary>
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

    /// <summary>Pairs of signs cancel out. A minus before a number belongs to the number.</summary>
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
            // Kubernetes has its own escaping and disables that of CEL.
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

/// <summary>Parses the operands: names, calls, literals, lists, maps and parenthesized expressions.</summary>
/// <param name="parseExpression">Parses a nested expression.</param>
internal sealed class CelOperandParser(
    CelTokenCursor tokens, List<CelIssue> issues, Func<CelExpression> parseExpression)
{
    private const string OperandStarts =
        "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, "
        + "IDENTIFIER}";

    public CelExpression Parse() => tokens.Current switch
    {
        { Kind: CelTokenKind.Identifier } or { Kind: CelTokenKind.Symbol, Text: "." } => ParseName(),
        { Kind: CelTokenKind.Symbol, Text: "(" } => ParseParentheses(),
        { Kind: CelTokenKind.Symbol, Text: "[" } => ParseList(),
        { Kind: CelTokenKind.Symbol, Text: "{" } => ParseMap(),
        _ => ParseLiteral(),
    };

    public List<CelExpression> ParseArguments()
    {
        tokens.Expect("(");
        var arguments = new List<CelExpression>();
        if (!tokens.Current.Is(")"))
        {
            do
            {
                arguments.Add(parseExpression());
            }
            while (tokens.TryTake(","));
        }

        tokens.Expect(")");
        return arguments;
    }

    private CelExpression ParseParentheses()
    {
        tokens.Take();
        var nested = parseExpression();
        tokens.Expect(")");
        return nested;
    }

    private CelExpression ParseName()
    {
        var start = tokens.Current.Offset;
        var prefix = tokens.TryTake(".") ? "." : "";
        if (tokens.Current.Kind != CelTokenKind.Identifier)
        {
            throw tokens.Unexpected("mismatched", "IDENTIFIER");
        }

        var name = tokens.Take();
        if (tokens.IsStructNext())
        {
            return ParseStruct(prefix + name.Text);
        }

        if (CelNames.IsReserved(name.Text))
        {
            issues.Add(new CelIssue(name.Offset, $"reserved identifier: {name.Text}"));
        }

        if (tokens.Current.Is("("))
        {
            var open = tokens.Current.Offset;
            return CelMacros.Expand(new CelExpression.Call(open, prefix + name.Text, null, ParseArguments()), issues);
        }

        return new CelExpression.Identifier(prefix.Length == 0 ? name.Offset : start, prefix + name.Text);
    }

    /// <summary>Fields are parsed only to find errors in them; the type itself is never declared.</summary>
    private CelExpression.CreateStruct ParseStruct(string name)
    {
        while (tokens.TryTake("."))
        {
            name += "." + tokens.Take().Text;
        }

        var open = tokens.Expect("{");
        while (!tokens.Current.Is("}"))
        {
            tokens.TryTake("?");
            if (tokens.Current.Kind is not (CelTokenKind.Identifier or CelTokenKind.EscapedIdentifier))
            {
                throw tokens.Unexpected("mismatched", "IDENTIFIER");
            }

            tokens.Take();
            tokens.Expect(":");
            parseExpression();
            if (!tokens.TryTake(","))
            {
                break;
            }
        }

        tokens.Expect("}");
        return new CelExpression.CreateStruct(open.Offset, name);
    }

    private CelExpression.CreateList ParseList()
    {
        var open = tokens.Take();
        var elements = new List<CelExpression>();
        var optionals = new HashSet<int>();
        while (!tokens.Current.Is("]"))
        {
            if (tokens.TryTake("?"))
            {
                optionals.Add(elements.Count);
            }

            elements.Add(parseExpression());
            if (!tokens.TryTake(","))
            {
                break;
            }
        }

        tokens.Expect("]", "{']', ','}");
        return new CelExpression.CreateList(open.Offset, elements, optionals);
    }

    private CelExpression.CreateMap ParseMap()
    {
        var open = tokens.Take();
        var entries = new List<CelMapEntry>();
        while (!tokens.Current.Is("}"))
        {
            var isOptional = tokens.TryTake("?");
            var key = parseExpression();
            tokens.Expect(":");
            entries.Add(new CelMapEntry(key, parseExpression(), isOptional));
            if (!tokens.TryTake(","))
            {
                break;
            }
        }

        tokens.Expect("}", "{'}', ','}");
        return new CelExpression.CreateMap(open.Offset, entries);
    }

    private CelExpression.Literal ParseLiteral()
    {
        var first = tokens.Current;
        var isNegative = first.Is("-") && tokens.Next.Kind is CelTokenKind.Int or CelTokenKind.Double;
        if (isNegative)
        {
            tokens.Take();
        }

        var token = tokens.Current;
        object? value = token.Kind switch
        {
            CelTokenKind.Int => CelLiterals.Int(token.Text, isNegative),
            CelTokenKind.Uint => CelLiterals.Uint(token.Text),
            CelTokenKind.Double => CelLiterals.Double(isNegative ? "-" + token.Text : token.Text),
            CelTokenKind.String => CelLiterals.String(token.Text),
            CelTokenKind.Bytes => CelLiterals.Bytes(token.Text),
            _ when token.Is("true") => true,
            _ when token.Is("false") => false,
            _ when token.Is("null") => CelNull.Value,
            _ => throw tokens.Unexpected("mismatched", OperandStarts),
        };
        tokens.Take();
        if (value is null)
        {
            issues.Add(new CelIssue(token.Offset, $"invalid {token.Kind.ToString().ToLowerInvariant()} literal"));
        }

        return new CelExpression.Literal(first.Offset, value ?? CelNull.Value);
    }
}
