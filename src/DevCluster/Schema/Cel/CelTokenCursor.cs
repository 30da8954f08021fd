namespace DevCluster.Schema.Cel;

/// <summary>Walks over the tokens of an expression.</summary>
internal sealed class CelTokenCursor(string text, List<CelToken> tokens)
{
    private int _at;

    public CelToken Current => tokens[_at];

    public bool IsAtEnd => Current.Kind == CelTokenKind.End;

    public CelToken Next => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    /// <summary>Moves past the current token and returns it; at the end it stays.</summary>
    public CelToken Take() => IsAtEnd ? Current : tokens[_at++];

    public bool TryTake(string symbol)
    {
        var isNext = Current.Is(symbol);
        if (isNext)
        {
            Take();
        }

        return isNext;
    }

    /// <param name="alternatives">All that could stand here, where there is more than the symbol.</param>
    public CelToken Expect(string symbol, string? alternatives = null)
    {
        if (Current.Is(symbol))
        {
            return Take();
        }

        // As ANTLR does: where one token more would mend it, that token is missing.
        var isMissing = (alternatives is null && IsAtEnd)
            || (symbol == ":" && !IsAtEnd && Current.Kind != CelTokenKind.Symbol);
        throw isMissing
            ? new CelSyntaxException(
                new CelIssue(Current.Offset, $"Syntax error: missing '{symbol}' at '{Current.Text}'"))
            : Unexpected("mismatched", alternatives ?? $"'{symbol}'");
    }

    public CelSyntaxException Unexpected(string how, string expected) =>
        new(new CelIssue(Current.Offset, $"Syntax error: {how} input '{Current.Text}' expecting {expected}"));

    /// <summary>Nothing begins with a dot and this token.</summary>
    public CelSyntaxException NoField() =>
        new(new CelIssue(
            Current.Offset, $"Syntax error: no viable alternative at input '.{Gap()}{(IsAtEnd ? "" : Current.Text)}'"));

    /// <summary>Whether the name before the cursor, with what qualifies it, goes on with a brace.</summary>
    public bool IsStructNext()
    {
        var ahead = _at;
        while (tokens[ahead].Is(".") && tokens[ahead + 1].Kind == CelTokenKind.Identifier)
        {
            ahead += 2;
        }

        return tokens[ahead].Is("{");
    }

    /// <summary>The blanks before the current token, which ANTLR's messages show.</summary>
    private string Gap()
    {
        var before = text.AsSpan(0, Current.Offset);
        return before[before.TrimEnd().Length..].ToString();
    }
}
