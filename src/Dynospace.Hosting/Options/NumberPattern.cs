using System.Globalization;

namespace Dynospace.Hosting.Options;

/// <summary>Regular expressions of whole numbers, for schemas of texts that hold one.</summary>
internal static class NumberPattern
{
    /// <summary>An expression of the numbers from one to another, without leading zeros.</summary>
    public static string Between(int least, int most)
    {
        var parts = new List<string>();
        for (long low = least; low <= most;)
        {
            var digits = low.ToString(CultureInfo.InvariantCulture).Length;
            var high = Math.Min(most, (long)Math.Pow(10, digits) - 1);
            parts.AddRange(OfEqualLength(Text(low), Text(high)));
            low = high + 1;
        }

        return $"({string.Join('|', parts)})";
    }

    private static IEnumerable<string> OfEqualLength(string low, string high)
    {
        if (low == high)
        {
            return [low];
        }

        var (first, last, rest) = (low[0], high[0], low.Length - 1);
        if (low[1..].All(digit => digit == '0') && high[1..].All(digit => digit == '9'))
        {
            return [Digit(first, last) + AnyDigits(rest)];
        }

        if (first == last)
        {
            return OfEqualLength(low[1..], high[1..]).Select(part => first + part);
        }

        // The lowest first digit with what is above, whole tens between, and the highest with what is below.
        var isFromZero = low[1..].All(digit => digit == '0');
        var isToNine = high[1..].All(digit => digit == '9');
        var between = (From: isFromZero ? first : (char)(first + 1), To: isToNine ? last : (char)(last - 1));
        return
        [
            .. isFromZero ? [] : OfEqualLength(low[1..], new string('9', rest)).Select(part => first + part),
            .. between.From > between.To ? [] : new[] { Digit(between.From, between.To) + AnyDigits(rest) },
            .. isToNine ? [] : OfEqualLength(new string('0', rest), high[1..]).Select(part => last + part),
        ];
    }

    private static string Digit(char first, char last) => first == last ? $"{first}" : $"[{first}-{last}]";

    private static string AnyDigits(int count) => count switch
    {
        0 => "",
        1 => "[0-9]",
        _ => string.Create(CultureInfo.InvariantCulture, $"[0-9]{{{count}}}"),
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
