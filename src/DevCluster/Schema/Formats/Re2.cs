using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DevCluster.Schema.Formats;

/// <summary>
/// RE2 patterns on .NET's non-backtracking engine: linear time, no look-around, no back-references. One difference
/// remains: in a class, a character outside the Basic Multilingual Plane counts as two.
/// </summary>
internal static class Re2
{
    private static readonly ConcurrentDictionary<string, (Regex? Regex, string Problem)> Compiled = new(
        StringComparer.Ordinal);

    /// <param name="problem">Why the pattern does not compile, in Go's words if known.</param>
    public static bool TryCompile(string pattern, [NotNullWhen(true)] out Regex? regex, out string problem)
    {
        (regex, problem) = Compiled.GetOrAdd(pattern, static text => Compile(text));
        return regex is not null;
    }

    private static (Regex? Regex, string Problem) Compile(string pattern)
    {
        try
        {
            return (new Regex(
                Re2Syntax.Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), "");
        }
        catch (FormatException problem)
        {
            return (null, $"error parsing regexp: {problem.Message}");
        }
        catch (RegexParseException problem)
        {
            return (null, $"error parsing regexp: {Describe(problem, pattern)}");
        }
        catch (NotSupportedException)
        {
            return (null, $"error parsing regexp: invalid or unsupported Perl syntax: `{pattern}`");
        }
    }

    private static string Describe(RegexParseException problem, string pattern) => problem.Error switch
    {
        RegexParseError.UnterminatedBracket =>
            $"missing closing ]: `{pattern[Math.Max(0, pattern.LastIndexOf('['))..]}`",
        RegexParseError.InsufficientClosingParentheses => $"missing closing ): `{pattern}`",
        RegexParseError.InsufficientOpeningParentheses => $"unexpected ): `{pattern}`",
        RegexParseError.UnescapedEndingBackslash => "trailing backslash at end of expression: ``",
        RegexParseError.QuantifierAfterNothing =>
            $"missing argument to repetition operator: "
            + $"`{pattern.FirstOrDefault(character => character is '*' or '+' or '?')}`",
        RegexParseError.NestedQuantifiersNotParenthesized => $"invalid nested repetition operator: `{pattern}`",
        RegexParseError.ReversedCharacterRange => $"invalid character class range: `{pattern}`",
        _ => $"invalid or unsupported syntax: `{pattern}`",
    };
}

/// <summary>RE2's named character classes, which are ASCII only, as the content of a .NET class.</summary>
internal static class Re2Classes
{
    public static IReadOnlyDictionary<string, string> Posix { get; } = new Dictionary<string, string>(
        StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t\x20",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = @"\x20-~",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r\x20",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    public static string Perl(char letter) => letter switch { 'd' => "0-9", 'w' => "0-9A-Za-z_", _ => @"\t\n\f\r\x20" };

    public static string NegatedPerl(char letter) => letter switch
    {
        'D' => @"\x00-/:-\uFFFF",
        'W' => @"\x00-/:-@\[-^`{-\uFFFF",
        _ => @"\x00-\x08\x0B\x0E-\x1F!-\uFFFF",
    };
}

/// <summary>Translates an RE2 pattern where .NET's syntax differs.</summary>
internal sealed class Re2Syntax
{
    private const int MostRepetitions = 1000;

    /// <summary>A character outside the Basic Multilingual Plane is two characters in .NET and one in RE2.</summary>
    private const string Pair = @"[\uD800-\uDBFF][\uDC00-\uDFFF]";

    private const string AnyButLineBreak = $@"(?:{Pair}|[^\n\uD800-\uDFFF])";

    private const string AnyCharacter = $@"(?:{Pair}|[^\uD800-\uDFFF])";

    private readonly string _pattern;
    private readonly StringBuilder _result = new();
    private int _at;
    private bool _isMultiline;
    private bool _isSingleLine;

    private Re2Syntax(string pattern) => _pattern = pattern;

    /// <exception cref="FormatException">The syntax is not valid in RE2.</exception>
    public static string Translate(string pattern) => new Re2Syntax(pattern).Run();

    private string Run()
    {
        while (_at < _pattern.Length)
        {
            switch (_pattern[_at])
            {
                case '\\':
                    Escape(inClass: false);
                    break;
                case '[':
                    Class();
                    break;
                case '(' when Follows("(?"):
                    Group();
                    break;
                case '$':
                    // In .NET, $ also matches before a final line break.
                    _result.Append(_isMultiline ? "$" : @"\z");
                    _at++;
                    break;
                case '.':
                    _result.Append(_isSingleLine ? AnyCharacter : AnyButLineBreak);
                    _at++;
                    break;
                case var high when char.IsHighSurrogate(high) && _at + 1 < _pattern.Length:
                    // A quantifier must apply to both halves.
                    _result.Append("(?:").Append(_pattern, _at, 2).Append(')');
                    _at += 2;
                    break;
                case '{':
                    Repetition();
                    break;
                default:
                    _result.Append(_pattern[_at++]);
                    break;
            }
        }

        return _result.ToString();
    }

    private bool Follows(string text) => _pattern.AsSpan(_at).StartsWith(text, StringComparison.Ordinal);

    private void Escape(bool inClass)
    {
        if (_at + 1 >= _pattern.Length)
        {
            throw new FormatException("trailing backslash at end of expression: ``");
        }

        var letter = _pattern[_at + 1];
        _at += 2;
        switch (letter)
        {
            // RE2's classes are ASCII only.
            case 'd' or 'w' or 's':
                _result.Append(inClass ? Re2Classes.Perl(letter) : $"[{Re2Classes.Perl(letter)}]");
                break;
            case 'D' or 'W' or 'S':
                _result.Append(
                    inClass ? Re2Classes.NegatedPerl(letter) : $"[^{Re2Classes.Perl(char.ToLowerInvariant(letter))}]");
                break;
            case 'p' or 'P':
                Category(letter);
                break;
            case 'x' when _at < _pattern.Length && _pattern[_at] == '{':
                CodePoint();
                break;
            case 'x':
                _result.Append(@"\x");
                break;
            case 'Q':
                Literal();
                break;
            case 'C' or 'G' or 'Z' or 'k' or (>= '1' and <= '9'):
                throw new FormatException($"invalid escape sequence: `\\{letter}`");
            default:
                if (char.IsAsciiLetter(letter) && !"aAbBfnrtvz".Contains(letter, StringComparison.Ordinal))
                {
                    throw new FormatException($"invalid escape sequence: `\\{letter}`");
                }

                _result.Append('\\').Append(letter);
                break;
        }
    }

    /// <summary>In .NET, <c>\pL</c> requires braces.</summary>
    private void Category(char letter)
    {
        if (_at < _pattern.Length && _pattern[_at] != '{')
        {
            _result.Append('\\').Append(letter).Append('{').Append(_pattern[_at++]).Append('}');
        }
        else
        {
            _result.Append('\\').Append(letter);
            _result.Append(_pattern, _at, Math.Max(0, _pattern.IndexOf('}', _at) - _at + 1));
            _at = Math.Max(_at + 1, _pattern.IndexOf('}', _at) + 1);
        }
    }

    private void CodePoint()
    {
        var close = _pattern.IndexOf('}', _at);
        if (close < 0
            || !int.TryParse(
                _pattern.AsSpan(_at + 1, close - _at - 1),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var code)
            || code > 0xFFFF)
        {
            throw new FormatException($"invalid escape sequence: `\\x{_pattern[_at..]}`");
        }

        _result.Append(CultureInfo.InvariantCulture, $"\\u{code:X4}");
        _at = close + 1;
    }

    private void Literal()
    {
        var end = _pattern.IndexOf(@"\E", _at, StringComparison.Ordinal);
        var text = _pattern[_at..(end < 0 ? _pattern.Length : end)];
        _result.Append(System.Text.RegularExpressions.Regex.Escape(text));
        _at = end < 0 ? _pattern.Length : end + 2;
    }

    private void Group()
    {
        if (Follows("(?P<"))
        {
            _result.Append("(?<");
            _at += 4;
        }
        else if (Follows("(?=") || Follows("(?!") || Follows("(?<=") || Follows("(?<!") || Follows("(?>"))
        {
            throw new FormatException(
                $"invalid or unsupported Perl syntax: `{_pattern.Substring(_at, Follows("(?<") ? 4 : 3)}`");
        }
        else
        {
            _result.Append("(?");
            _at += 2;
            var isSet = true;
            while (_at < _pattern.Length && _pattern[_at] is not (':' or ')' or '<'))
            {
                isSet &= _pattern[_at] != '-';
                _isMultiline = _pattern[_at] == 'm' ? isSet : _isMultiline;
                _isSingleLine = _pattern[_at] == 's' ? isSet : _isSingleLine;

                // U inverts greediness, which does not affect whether a text matches.
                _result.Append(_pattern[_at] is 'U' ? "" : _pattern[_at].ToString());
                _at++;
            }
        }
    }

    private void Class()
    {
        var start = _at;
        var isNegated = Follows("[^");
        _result.Append(isNegated ? $"(?:{Pair}|[^" : "[");
        _at += isNegated ? 2 : 1;

        var isFirst = true;
        while (_at < _pattern.Length && (isFirst || _pattern[_at] != ']'))
        {
            isFirst = false;
            ClassItem();
        }

        if (_at >= _pattern.Length)
        {
            throw new FormatException($"missing closing ]: `{_pattern[start..]}`");
        }

        _result.Append(isNegated ? @"\uD800-\uDFFF])" : "]");
        _at++;
    }

    private void ClassItem()
    {
        if (Follows("[:"))
        {
            var end = _pattern.IndexOf(":]", _at, StringComparison.Ordinal);
            var name = end < 0 ? "" : _pattern[(_at + 2)..end];
            var isNegated = name.StartsWith('^');
            if (!isNegated && Re2Classes.Posix.TryGetValue(name, out var posix))
            {
                _result.Append(posix);
                _at = end + 2;
                return;
            }

            if (end >= 0)
            {
                throw new FormatException($"invalid character class range: `[:{name}:]`");
            }
        }

        switch (_pattern[_at])
        {
            case '\\':
                Escape(inClass: true);
                break;
            case '[' or ']':
                // In .NET, an opening bracket would start a class subtraction.
                _result.Append('\\').Append(_pattern[_at++]);
                break;
            default:
                _result.Append(_pattern[_at++]);
                break;
        }
    }

    /// <summary>A brace that does not start a repetition is literal in both syntaxes; RE2 limits the count.</summary>
    private void Repetition()
    {
        var close = _pattern.IndexOf('}', _at);
        var bounds = close < 0 ? [] : _pattern[(_at + 1)..close].Split(',');
        if (bounds.Length is 1 or 2 && bounds[0].Length > 0 && bounds.All(bound => bound.All(char.IsAsciiDigit))
            && bounds.Any(bound => bound.Length > 4
                || (bound.Length > 0 && int.Parse(bound, CultureInfo.InvariantCulture) > MostRepetitions)))
        {
            throw new FormatException($"invalid repeat count: `{_pattern[_at..(close + 1)]}`");
        }

        _result.Append(_pattern[_at++]);
    }
}
