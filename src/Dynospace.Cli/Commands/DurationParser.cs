using System.CommandLine.Parsing;
using System.Globalization;

namespace Dynospace.Cli.Commands;

/// <summary>Reads spans of time as people write them: <c>90</c> and <c>90s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class DurationParser
{
    private static readonly (string Suffix, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    public static TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, out var span))
        {
            return span;
        }

        result.AddError($"'{text}' is no span of time: give one such as 90s or 2m.");
        return null;
    }

    public static bool TryParse(string text, out TimeSpan span)
    {
        var (suffix, seconds) = Units.First(unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal));
        var isNumber = double.TryParse(text[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        var total = number * seconds;
        var isSpan = isNumber && total > 0 && total <= TimeSpan.FromDays(1).TotalSeconds;
        span = isSpan ? TimeSpan.FromSeconds(total) : default;
        return isSpan;
    }
}
