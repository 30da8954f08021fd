using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace DevCluster.Schema.Formats;

/// <summary>
/// Patterns in RE2's syntax on .NET's non-backtracking engine: linear time, no look-around, no back-references. One
/// difference remains: within a class, a character outside the Basic Multilingual Plane counts as two.
/// </summary>
internal static class Re2
{
    private static readonly ConcurrentDictionary<string, (Regex? Regex, string Problem)> Compiled = new(
        StringComparer.Ordinal);

    /// <param name="problem">Why it does not compile, in Go's words where they are known.</param>
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
