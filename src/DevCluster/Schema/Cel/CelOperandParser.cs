namespace DevCluster.Schema.Cel;

/// <summary>
/// Parses what operators apply to: names, calls, literals, lists, maps and what stands in parentheses.
/// </summary>
/// <param name="parseExpression">Parses a whole expression, for what is nested.</param>
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

    /// <summary>Fields are parsed to find mistakes in them; the type itself is never declared.</summary>
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
