namespace DevCluster.Schema.Cel;

/// <summary>A piece of a format string: text to copy, or a clause to fill in.</summary>
/// <param name="Verb">The clause's letter, '\0' for text.</param>
internal sealed record CelFormatClause(string Text, char Verb, int? Precision)
{
    private const string Verbs = "sdfebxXo";

    public bool IsText => Verb == '\0';

    /// <summary>The pieces in order. A mistake ends them and is added to <paramref name="problems"/>.</summary>
    public static IEnumerable<CelFormatClause> Parse(string format, int arguments, List<string> problems)
    {
        var used = 0;
        for (var at = 0; at < format.Length;)
        {
            var percent = format.IndexOf('%', at);
            if (percent != at)
            {
                var end = percent < 0 ? format.Length : percent;
                yield return new CelFormatClause(format[at..end], '\0', null);
                at = end;
                continue;
            }

            if (at + 1 < format.Length && format[at + 1] == '%')
            {
                yield return new CelFormatClause("%", '\0', null);
                at += 2;
                continue;
            }

            if (used++ >= arguments)
            {
                problems.Add(at + 1 >= format.Length ? "unexpected end of string" : $"index {used - 1} out of range");
                yield break;
            }

            if (ParseClause(format, ref at, problems) is not { } clause)
            {
                yield break;
            }

            yield return clause;
        }
    }

    private static CelFormatClause? ParseClause(string format, ref int at, List<string> problems)
    {
        var next = at + 1;
        int? precision = null;
        if (next < format.Length && format[next] == '.')
        {
            var digits = format.Skip(next + 1).TakeWhile(char.IsAsciiDigit).Count();
            precision = int.TryParse(format.AsSpan(next + 1, digits), out var number) ? number : null;
            next += digits + 1;
            var problem = next >= format.Length ? "could not find end of precision specifier"
                : precision is null
                    ? "error while converting precision to integer: strconv.Atoi: parsing \"\": invalid syntax"
                    : null;
            if (problem is not null)
            {
                problems.Add($"could not parse formatting clause: error while parsing precision: {problem}");
                return null;
            }
        }

        if (next >= format.Length)
        {
            problems.Add("unexpected end of string");
            return null;
        }

        if (!Verbs.Contains(format[next], StringComparison.Ordinal))
        {
            problems.Add($"could not parse formatting clause: unrecognized formatting clause \"{format[next]}\"");
            return null;
        }

        at = next + 1;
        return new CelFormatClause("", format[next], precision);
    }
}
