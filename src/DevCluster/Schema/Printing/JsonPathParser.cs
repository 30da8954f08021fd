using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DevCluster.Schema.Printing;

/// <summary>Parses the content of <c>{...}</c>.</summary>
internal sealed partial class JsonPathParser(string text)
{
    private const string Terminators = " \t\r\n.,[]$@{}";

    private readonly List<JsonPathStep> _steps = [];
    private int _at;

    public IReadOnlyList<JsonPathStep> Parse()
    {
        while (_at < text.Length)
        {
            ParseStep();
        }

        return _steps;
    }

    private void ParseStep()
    {
        var next = text[_at];
        if (Follows("[?("))
        {
            ParseFilter();
        }
        else if (Follows(".."))
        {
            ParseRecursive();
        }
        else if (next is ' ' or '@' or '$')
        {
            _at++;
        }
        else if (next == '[')
        {
            ParseBrackets();
        }
        else if (next is '"' or '\'')
        {
            _steps.Add(new JsonPathStep.Literal(Unquote(ReadQuoted())));
        }
        else if (next == '.')
        {
            _at++;
            ParseField();
        }
        else if (next is '+' or '-' || char.IsAsciiDigit(next))
        {
            ParseNumber();
        }
        else if (next == '_' || char.IsLetter(next))
        {
            ParseIdentifier();
        }
        else
        {
            throw new FormatException($"unrecognized character in action: U+{(int)next:X4} '{next}'");
        }
    }

    private bool Follows(string prefix) => text.AsSpan(_at).StartsWith(prefix, StringComparison.Ordinal);

    private void ParseRecursive()
    {
        if (_steps is [.., JsonPathStep.Recursive])
        {
            throw new FormatException("invalid multiple recursive descent");
        }

        _at += 2;
        _steps.Add(new JsonPathStep.Recursive());
        if (_at < text.Length && (text[_at] == '_' || char.IsLetterOrDigit(text[_at])))
        {
            ParseField();
        }
    }

    /// <summary>Reads up to the next terminator; a backslash escapes the next character.</summary>
    private void ParseField()
    {
        var name = new StringBuilder();
        while (_at < text.Length && !Terminators.Contains(text[_at], StringComparison.Ordinal))
        {
            if (text[_at] == '\\' && ++_at >= text.Length)
            {
                break;
            }

            name.Append(text[_at++]);
        }

        _steps.Add(name.ToString() == "*" ? new JsonPathStep.Wildcard() : new JsonPathStep.Field(name.ToString()));
    }

    private void ParseNumber()
    {
        var start = _at++;
        while (_at < text.Length && (text[_at] == '.' || char.IsAsciiDigit(text[_at])))
        {
            _at++;
        }

        var number = text[start.._at];
        _steps.Add(long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
            ? new JsonPathStep.Literal(JsonValue.Create(integer))
            : double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
                ? new JsonPathStep.Literal(JsonValue.Create(real))
                : throw new FormatException($"cannot parse number {number}"));
    }

    private void ParseIdentifier()
    {
        var start = _at;
        while (_at < text.Length && !Terminators.Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
        }

        _steps.Add(text[start.._at] switch
        {
            "true" => new JsonPathStep.Literal(JsonValue.Create(true)),
            "false" => new JsonPathStep.Literal(JsonValue.Create(false)),
            var name => throw new FormatException($"unrecognized identifier {name}"),
        });
    }

    private void ParseBrackets()
    {
        var close = text.IndexOf(']', _at);
        if (close < 0)
        {
            throw new FormatException("unterminated array");
        }

        var inside = text[(_at + 1)..close];
        _at = close + 1;
        var parts = inside.Split(',');
        if (parts.Length > 1)
        {
            _steps.Add(
                new JsonPathStep.Union([.. parts.Select(part => new JsonPathParser($"[{part.Trim(' ')}]").Parse())]));
        }
        else if (QuotedKey().Match(inside) is { Success: true } key)
        {
            _steps.AddRange(new JsonPathParser("." + key.Groups[1].Value).Parse());
        }
        else
        {
            _steps.Add(ParseSlice(inside == "*" ? ":" : inside));
        }
    }

    private static JsonPathStep.Slice ParseSlice(string inside)
    {
        var match = SliceOperator().Match(inside);
        if (!match.Success)
        {
            throw new FormatException($"invalid array index {inside}");
        }

        var start = Number(match.Groups[1].Value);
        var step = Number(match.Groups[3].Value.TrimStart(':')) ?? 1;
        if (step <= 0)
        {
            throw new FormatException("step must be > 0");
        }

        return match.Groups[2].Success
            ? new JsonPathStep.Slice(start, Number(match.Groups[2].Value.TrimStart(':')), step, IsSingle: false)
            : new JsonPathStep.Slice(start, (start ?? 0) + 1, step, IsSingle: true);
    }

    private static int? Number(string digits) => digits.Length == 0 ? null
        : int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"array index {digits} is not a number");

    private void ParseFilter()
    {
        _at += 3;
        var start = _at;
        while (_at < text.Length && text[_at] != ')')
        {
            if (text[_at] is '"' or '\'')
            {
                ReadQuoted();
            }
            else
            {
                _at++;
            }
        }

        if (_at >= text.Length)
        {
            throw new FormatException("unterminated filter");
        }

        var condition = text[start.._at++];
        if (_at >= text.Length || text[_at++] != ']')
        {
            throw new FormatException("unclosed array expect ]");
        }

        var match = Comparison().Match(condition);
        _steps.Add(match.Success
            ? new JsonPathStep.Filter(
                new JsonPathParser(match.Groups[1].Value).Parse(),
                match.Groups[2].Value,
                new JsonPathParser(match.Groups[3].Value).Parse())
            : new JsonPathStep.Filter(new JsonPathParser(condition).Parse(), "exists", []));
    }

    /// <summary>Moves past a quoted string and returns it with its quotes.</summary>
    private string ReadQuoted()
    {
        var start = _at;
        var quote = text[_at++];
        while (_at < text.Length && text[_at] != quote)
        {
            _at += text[_at] == '\\' ? 2 : 1;
        }

        if (_at >= text.Length)
        {
            throw new FormatException("unterminated quoted string");
        }

        return text[start..++_at];
    }

    private static string Unquote(string quoted) => Regex.Unescape(quoted[1..^1]);

    [GeneratedRegex("^'([^']*)'$")]
    private static partial Regex QuotedKey();

    [GeneratedRegex(@"^(-?\d*)(:-?\d*)?(:-?\d*)?$")]
    private static partial Regex SliceOperator();

    [GeneratedRegex("^([^!<>=]+)([!<>=]+)(.+?)$")]
    private static partial Regex Comparison();
}
