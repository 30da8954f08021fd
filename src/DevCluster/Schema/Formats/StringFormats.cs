using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.RegularExpressions;
using DevCluster.Schema.Names;

namespace DevCluster.Schema.Formats;

/// <summary>The string formats that CRD schemas may name. Others are ignored, as the real API ignores them.</summary>
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

    /// <summary>The format as far as it means something for a type; null when it is to be ignored.</summary>
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

    /// <summary>Leading zeros in IPv4 are tolerated here, unlike in CEL.</summary>
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
        @"\A([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})\z",
        RegexOptions.None,
        1000)]
    private static partial Regex Hostname();

    [GeneratedRegex(
        @"\A(?:(?:[0-9a-fA-F]{2}:){5}(?:(?:[0-9a-fA-F]{2}:){2})?[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{2}-){5}(?:(?:[0-9a-fA-F]{2}-){2})?[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}\.){2}(?:[0-9a-fA-F]{4}\.)?[0-9a-fA-F]{4})\z")]
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
