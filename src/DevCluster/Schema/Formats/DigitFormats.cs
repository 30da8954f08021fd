using System.Text.RegularExpressions;

namespace DevCluster.Schema.Formats;

/// <summary>Numbers that check themselves by their last digit.</summary>
internal static partial class DigitFormats
{
    public static bool IsIsbn10(string text)
    {
        var digits = IsbnSeparators().Replace(text, "");
        return Isbn10().IsMatch(digits)
            && digits.Select((digit, i) => (10 - i) * (digit is 'X' ? 10 : digit - '0')).Sum() % 11 == 0;
    }

    public static bool IsIsbn13(string text)
    {
        var digits = IsbnSeparators().Replace(text, "");
        return digits.Length == 13
            && digits.All(char.IsAsciiDigit)
            && digits.Select((digit, i) => (i % 2 == 0 ? 1 : 3) * (digit - '0')).Sum() % 10 == 0;
    }

    public static bool IsCreditCard(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        return CreditCard().IsMatch(digits)
            && digits.Reverse()
                .Select((digit, i) => i % 2 == 0 ? digit - '0' : ((digit - '0') * 2 / 10) + ((digit - '0') * 2 % 10))
                .Sum() % 10 == 0;
    }

    [GeneratedRegex(@"[\s-]+")]
    private static partial Regex IsbnSeparators();

    [GeneratedRegex(@"\A\d{9}[0-9X]\z")]
    private static partial Regex Isbn10();

    [GeneratedRegex(
        @"\A(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9]{2})[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})\z")]
    private static partial Regex CreditCard();
}
