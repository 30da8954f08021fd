// Formats: text formats: quantities, durations, patterns, URLs, and Go's formatting of values.

using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.RegularExpressions;
using DevCluster.Schema.Names;

namespace DevCluster.Schema.Formats;

/// <summary>The supported string formats of CRD schemas. As in the real API, others are ignored.</summary>
internal static partial class StringFormats
{
    private static readonly Dictionary<string, Func<string, bool>> Checks = new(StringComparer.Ordinal)
    {
        ["bsonobjectid"] = text => BsonId().IsMatch(text),
        ["uri"] = text => GoUrl.TryParse(text, out _, out _),
        ["email"] = IsEmail,
        ["hostname"] = text => text.Length <= 255
            && Hostname().IsMatch(text)
            && text.Split('.').All(label => label.Length <= 63),
        ["ipv4"] = text => IsAddress(text) && text.Contains('.', StringComparison.Ordinal),
        ["ipv6"] = text => IsAddress(text) && text.Contains(':', StringComparison.Ordinal),
        ["cidr"] = IsCidr,
        ["mac"] = text => Mac().IsMatch(text),
        ["uuid"] = text => Uuid().IsMatch(text),
        ["uuid3"] = text => Uuid().IsMatch(text) && Bare(text)[12] == '3',
        ["uuid4"] = text => Uuid().IsMatch(text)
            && Bare(text)[12] == '4'
            && "89abAB".Contains(Bare(text)[16], StringComparison.Ordinal),
        ["uuid5"] = text => Uuid().IsMatch(text)
            && Bare(text)[12] == '5'
            && "89abAB".Contains(Bare(text)[16], StringComparison.Ordinal),
        ["isbn"] = text => DigitFormats.IsIsbn10(text) || DigitFormats.IsIsbn13(text),
        ["isbn10"] = DigitFormats.IsIsbn10,
        ["isbn13"] = DigitFormats.IsIsbn13,
        ["creditcard"] = DigitFormats.IsCreditCard,
        ["ssn"] = text => Ssn().IsMatch(text),
        ["hexcolor"] = text => HexColor().IsMatch(text),
        ["rgbcolor"] = text => RgbColor().IsMatch(text),
        ["byte"] = text => text.Length % 4 == 0 && Base64().IsMatch(text),
        ["password"] = _ => true,
        ["date"] = TimeFormats.IsDate,
        ["duration"] = text => DurationFormats.TryParseDuration(text, out _),
        ["datetime"] = TimeFormats.IsDateTime,
        ["k8sshortname"] = text => NameFormats.Label(text).Count == 0,
        ["k8slongname"] = text => NameFormats.Subdomain(text).Count == 0,
    };

    /// <summary>The format if it applies to the type; null if it is ignored.</summary>
    public static string? Supported(string type, string? format) => type switch
    {
        _ when string.IsNullOrEmpty(format) => null,
        "" or "string" => Checks.ContainsKey(Normalize(format)) ? format : null,
        "integer" => format is "int32" or "int64" ? format : null,
        "number" => format is "float" or "double" ? format : null,
        _ => null,
    };

    public static bool IsValid(string format, string text) =>
        !Checks.TryGetValue(Normalize(format), out var check) || check(text);

    private static string Normalize(string format) => format.Replace("-", "", StringComparison.Ordinal);

    /// <summary>Leading zeros in IPv4 addresses are allowed here, unlike in CEL.</summary>
    private static bool IsAddress(string text) => text.Contains(':', StringComparison.Ordinal)
        ? text.All(character => char.IsAsciiHexDigit(character) || character is ':' or '.')
            && IPAddress.TryParse(text, out _)
        : FourNumbers().IsMatch(text)
            && text.Split('.').All(number => int.Parse(number, CultureInfo.InvariantCulture) <= 255);

    private static bool IsCidr(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2
            && IsAddress(parts[0])
            && parts[1].Length is > 0 and <= 3
            && parts[1].All(char.IsAsciiDigit)
            && int.Parse(parts[1], CultureInfo.InvariantCulture) <= (parts[0].Contains(':', StringComparison.Ordinal)
                ? 128
                : 32);
    }

    private static bool IsEmail(string text) =>
        (PlainEmail().IsMatch(text) || text.EndsWith('>') || text.StartsWith('"'))
        && MailAddress.TryCreate(text, out var address) && address.Address.Length > 0;

    private static string Bare(string uuid) => uuid.Replace("-", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[^\s<>()\[\],;:\\""@]+@\S+\z")]
    private static partial Regex PlainEmail();

    [GeneratedRegex(@"\A[0-9a-fA-F]{24}\z")]
    private static partial Regex BsonId();

    [GeneratedRegex(
        @"\A([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|"
        + @"([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}"
        + @"([a-zA-Z\p{L}]){2,63})\z",
        RegexOptions.None,
        1000)]
    private static partial Regex Hostname();

    [GeneratedRegex(
        @"\A(?:(?:[0-9a-fA-F]{2}:){5}(?:(?:[0-9a-fA-F]{2}:){2})?[0-9a-fA-F]{2}|"
        + @"(?:[0-9a-fA-F]{2}-){5}(?:(?:[0-9a-fA-F]{2}-){2})?[0-9a-fA-F]{2}|"
        + @"(?:[0-9a-fA-F]{4}\.){2}(?:[0-9a-fA-F]{4}\.)?[0-9a-fA-F]{4})\z")]
    private static partial Regex Mac();

    [GeneratedRegex(@"\A[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\z")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\A\d{3}[- ]?\d{2}[- ]?\d{4}\z")]
    private static partial Regex Ssn();

    [GeneratedRegex(@"\A#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\z")]
    private static partial Regex HexColor();

    [GeneratedRegex(
        @"\Argb\(\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*(?:,\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*){2}\)\z")]
    private static partial Regex RgbColor();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})\z")]
    private static partial Regex Base64();

    [GeneratedRegex(@"\A\d{1,9}\.\d{1,9}\.\d{1,9}\.\d{1,9}\z")]
    private static partial Regex FourNumbers();
}

/// <summary>Numbers with a check digit.</summary>
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
        @"\A(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9]{2})[0-9]{12}|3[47][0-9]{13}|"
        + @"3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})\z")]
    private static partial Regex CreditCard();
}

/// <summary>Parses dates and times.</summary>
internal static partial class TimeFormats
{
    /// <summary>RFC 3339.</summary>
    public static bool TryParseTimestamp(string text, out DateTimeOffset time)
    {
        time = default;
        return Rfc3339().IsMatch(text)
            && DateTimeOffset.TryParse(
                Shorten(text),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out time);
    }

    public static bool IsDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    public static bool IsDateTime(string text)
    {
        var parts = text.ToLowerInvariant().Split('t');
        return text.Length >= 4
            && parts.Length >= 2
            && IsDate(parts[0])
            && TimePart().Match(parts[1]) is { Success: true } time
            && string.CompareOrdinal(time.Groups[1].Value, "23") <= 0
            && string.CompareOrdinal(time.Groups[2].Value, "59") <= 0
            && string.CompareOrdinal(time.Groups[3].Value, "59") <= 0;
    }

    /// <summary>.NET parses at most seven decimals of a second.</summary>
    private static string Shorten(string text) => ManyDecimals().Replace(text, "$1");

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})\z")]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"(\.\d{7})\d+")]
    private static partial Regex ManyDecimals();

    [GeneratedRegex(@"\A([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))\z")]
    private static partial Regex TimePart();
}
