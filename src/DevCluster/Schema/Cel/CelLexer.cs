using System.Text.RegularExpressions;

namespace DevCluster.Schema.Cel;

/// <summary>Splits an expression into tokens. Characters that cannot start a token are reported and skipped.</summary>
internal static partial class CelLexer
{
    private static readonly string[] Symbols =
    [
        "==",
        "!=",
        "<=",
        ">=",
        "&&",
        "||",
        "<",
        ">",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        ".",
        ",",
        "-",
        "!",
        "?",
        ":",
        "+",
        "*",
        "/",
        "%",
    ];

    public static List<CelToken> Tokenize(string text, List<CelIssue> issues)
    {
        var tokens = new List<CelToken>();
        var at = 0;
        while (at < text.Length)
        {
            if (Blank().Match(text, at) is { Length: > 0 } blank)
            {
                at += blank.Length;
                continue;
            }

            var token = Next(text, at);
            if (token is null)
            {
                issues.Add(new CelIssue(at, $"Syntax error: token recognition error at: '{Unrecognized(text, at)}'"));
                at += Unrecognized(text, at).Length;
                continue;
            }

            tokens.Add(token);
            at += token.Text.Length;
        }

        tokens.Add(new CelToken(CelTokenKind.End, "<EOF>", text.Length));
        return tokens;
    }

    /// <summary>The longest token at this position.</summary>
    private static CelToken? Next(string text, int at)
    {
        if (Bytes().Match(text, at) is { Success: true } bytes)
        {
            return new(CelTokenKind.Bytes, bytes.Value, at);
        }

        if (String().Match(text, at) is { Success: true } quoted)
        {
            return new(CelTokenKind.String, quoted.Value, at);
        }

        if (Word().Match(text, at) is { Success: true } word)
        {
            var kind = word.Value is "in" or "true" or "false" or "null"
                ? CelTokenKind.Symbol
                : CelTokenKind.Identifier;
            return new(kind, word.Value, at);
        }

        if (Escaped().Match(text, at) is { Success: true } escaped)
        {
            return new(CelTokenKind.EscapedIdentifier, escaped.Value, at);
        }

        return Number(text, at) ?? Symbol(text, at);
    }

    private static CelToken? Number(string text, int at)
    {
        if (Real().Match(text, at) is { Success: true } real)
        {
            return new(CelTokenKind.Double, real.Value, at);
        }

        if (Integer().Match(text, at) is not { Success: true } integer)
        {
            return null;
        }

        return new(integer.Value[^1] is 'u' or 'U' ? CelTokenKind.Uint : CelTokenKind.Int, integer.Value, at);
    }

    private static CelToken? Symbol(string text, int at) =>
        Array.Find(Symbols, symbol => text.AsSpan(at).StartsWith(symbol, StringComparison.Ordinal)) is { } found
            ? new(CelTokenKind.Symbol, found, at)
            : null;

    /// <summary>
    /// The text up to the first character that does not fit a token: in a string an invalid escape or the end of the
    /// line, otherwise often the next character.
    /// </summary>
    private static string Unrecognized(string text, int at)
    {
        if (text[at] is '"' or '\'')
        {
            return text[at..Math.Min(text.Length, EndOfBadString(text, at + 1))];
        }

        var takesNext = text[at] is '=' or '&' or '|' || char.IsHighSurrogate(text[at]);
        return text.Substring(at, takesNext && at + 1 < text.Length ? 2 : 1);
    }

    private static int EndOfBadString(string text, int at)
    {
        while (at < text.Length && text[at] is not ('\n' or '\r'))
        {
            if (text[at] == '\\')
            {
                if (EscapeSequence().Match(text, at) is not { Success: true } escape)
                {
                    return at + 2;
                }

                at += escape.Length;
            }
            else
            {
                at++;
            }
        }

        return at + 1;
    }

    private const string Escape =
        """\\(?:[abfnrtv"'\\?`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7][0-7])""";

    private const string Quoted =
        "(?:[rR](?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|\"[^\"\\n\\r]*\"|'[^'\\n\\r]*')"
        + "|\"\"\"(?:" + Escape + "|[^\\\\])*?\"\"\"|'''(?:" + Escape + "|[^\\\\])*?'''"
        + "|\"(?:" + Escape + "|[^\\\\\"\\n\\r])*\"|'(?:" + Escape + "|[^\\\\'\\n\\r])*')";

    [GeneratedRegex(@"\G(?:[\t \r\n\f]|//[^\n]*)*")]
    private static partial Regex Blank();

    [GeneratedRegex(@"\G" + Escape)]
    private static partial Regex EscapeSequence();

    [GeneratedRegex(@"\G[bB]" + Quoted)]
    private static partial Regex Bytes();

    [GeneratedRegex(@"\G" + Quoted)]
    private static partial Regex String();

    [GeneratedRegex(@"\G[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\G`[A-Za-z0-9_.\-/ ]+`")]
    private static partial Regex Escaped();

    [GeneratedRegex(@"\G(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)")]
    private static partial Regex Real();

    [GeneratedRegex(@"\G(?:0x[0-9a-fA-F]+|[0-9]+)[uU]?")]
    private static partial Regex Integer();
}

/// <param name="Text">The source text, including quotes.</param>
internal sealed record CelToken(CelTokenKind Kind, string Text, int Offset)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;
}

internal enum CelTokenKind
{
    End,
    Identifier,
    EscapedIdentifier,
    Int,
    Uint,
    Double,
    String,
    Bytes,

    /// <summary>
    /// Operators, brackets and the words <c>in</c>, <c>true</c>, <c>false</c>, <c>null</c>; distinguished by their
    /// text.
    /// </summary>
    Symbol,
}

/// <summary>A cursor over the tokens of an expression.</summary>
internal sealed class CelTokenCursor(string text, List<CelToken> tokens)
{
    private int _at;

    public CelToken Current => tokens[_at];

    public bool IsAtEnd => Current.Kind == CelTokenKind.End;

    public CelToken Next => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    /// <summary>Returns the current token and moves past it, except at the end.</summary>
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

    /// <param name="alternatives">All tokens allowed here, if the symbol is not the only one.</param>
    public CelToken Expect(string symbol, string? alternatives = null)
    {
        if (Current.Is(symbol))
        {
            return Take();
        }

        // As in ANTLR: if one inserted token would make the input valid, that token is reported as missing.
        var isMissing = (alternatives is null && IsAtEnd)
            || (symbol == ":" && !IsAtEnd && Current.Kind != CelTokenKind.Symbol);
        throw isMissing
            ? new CelSyntaxException(
                new CelIssue(Current.Offset, $"Syntax error: missing '{symbol}' at '{Current.Text}'"))
            : Unexpected("mismatched", alternatives ?? $"'{symbol}'");
    }

    public CelSyntaxException Unexpected(string how, string expected) =>
        new(new CelIssue(Current.Offset, $"Syntax error: {how} input '{Current.Text}' expecting {expected}"));

    /// <summary>The error for a dot followed by this token.</summary>
    public CelSyntaxException NoField() =>
        new(new CelIssue(
            Current.Offset, $"Syntax error: no viable alternative at input '.{Gap()}{(IsAtEnd ? "" : Current.Text)}'"));

    /// <summary>Whether the qualified name at the cursor is followed by a brace.</summary>
    public bool IsStructNext()
    {
        var ahead = _at;
        while (tokens[ahead].Is(".") && tokens[ahead + 1].Kind == CelTokenKind.Identifier)
        {
            ahead += 2;
        }

        return tokens[ahead].Is("{");
    }

    /// <summary>The white space before the current token, which ANTLR's messages show.</summary>
    private string Gap()
    {
        var before = text.AsSpan(0, Current.Offset);
        return before[before.TrimEnd().Length..].ToString();
    }
}

/// <summary>Ends parsing at the first error from which the parser cannot recover.</summary>
internal sealed class CelSyntaxException(CelIssue issue) : Exception(issue.Message)
{
    public CelIssue Issue { get; } = issue;
}
