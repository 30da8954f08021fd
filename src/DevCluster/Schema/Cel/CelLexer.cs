using System.Text.RegularExpressions;

namespace DevCluster.Schema.Cel;

/// <summary>Splits an expression into tokens. Characters that begin no token are reported and skipped.</summary>
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

    /// <summary>The longest token that begins here.</summary>
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
    /// Everything up to the character that fits no token: in a string a bad escape or the line's end, else often the
    /// next one.
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
