// Names: the rules for names and labels, with their messages.

using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace DevCluster.Schema.Names;

/// <summary>
/// The formats of names in Kubernetes. Each method returns the API's error messages; none for a valid name.
/// </summary>
public static partial class NameFormats
{
    private const int LongestLabel = 63;
    private const int LongestSubdomain = 253;

    private const string LabelRegex = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainRegex = LabelRegex + @"(\." + LabelRegex + ")*";
    private const string Label1035Regex = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string QualifiedRegex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string LabelValueRegex = "(" + QualifiedRegex + ")?";
    private const string KeyRegex = "[-._a-zA-Z0-9]+";

    private const string QualifiedRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        + "character "
        + $"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{QualifiedRegex}')";

    /// <summary>A DNS subdomain (RFC 1123), the format of most object names.</summary>
    public static IReadOnlyList<string> Subdomain(string value) => Subdomain(value, "characters");

    /// <summary>A DNS subdomain below <c>*.</c>, allowed for hosts of Ingresses.</summary>
    public static IReadOnlyList<string> WildcardSubdomain(string value) =>
    [
        .. AtMost(value, LongestSubdomain, "characters"),
        .. Unless(
            value.StartsWith("*.", StringComparison.Ordinal) && IsSubdomain().IsMatch(value[2..]),
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist "
                + "of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character "
                + $@"(e.g. '*.example.com', regex used for validation is '\*\.{SubdomainRegex}')"),
    ];

    /// <summary>A DNS label (RFC 1123).</summary>
    public static IReadOnlyList<string> Label(string value) =>
    [
        .. AtMost(value, LongestLabel, "characters"),
        .. IsLabel().IsMatch(value) ? []
            : value.Length <= LongestLabel && IsSubdomain().IsMatch(value) ? ["must not contain dots"]
            : (IEnumerable<string>)[
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
                + "and end with "
                + $"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                    + $"'{LabelRegex}')"],
    ];

    /// <summary>A DNS label (RFC 1035), which starts with a letter.</summary>
    public static IReadOnlyList<string> Label1035(string value) =>
    [
        .. AtMost(value, LongestLabel, "characters"),
        .. Unless(
            IsLabel1035().IsMatch(value),
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with "
                + "an alphabetic character, and end with an alphanumeric character "
                + $"(e.g. 'my-name',  or 'abc-123', regex used for validation is '{Label1035Regex}')"),
    ];

    /// <summary>The key of a label, annotation, finalizer or taint.</summary>
    public static IReadOnlyList<string> QualifiedName(string value)
    {
        var parts = value.Split('/');
        if (parts.Length > 2)
        {
            return
            [
                $"a valid label key {QualifiedRule} with an optional DNS subdomain prefix and '/' (e.g. "
                + $"'example.com/MyName')",
            ];
        }

        var problems = new List<string>();
        if (parts.Length == 2)
        {
            problems.AddRange(parts[0].Length == 0
                ? ["prefix part must be non-empty"]
                : Subdomain(parts[0], "bytes").Select(problem => "prefix part " + problem));
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            problems.Add("name part must be non-empty");
        }

        problems.AddRange(AtMost(name, LongestLabel, "bytes").Select(problem => "name part " + problem));
        problems.AddRange(Unless(IsQualified().IsMatch(name), "name part " + QualifiedRule));
        return problems;
    }

    /// <summary>The value of a label.</summary>
    public static IReadOnlyList<string> LabelValue(string value) =>
    [
        .. AtMost(value, LongestLabel, "bytes"),
        .. Unless(
            value.Length == 0 || IsQualified().IsMatch(value),
            "a valid label must be an empty string or consist of alphanumeric "
                + "characters, '-', '_' or '.', and must start and end with an alphanumeric character "
                + $"(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '{LabelValueRegex}')"),
    ];

    /// <summary>A name that is a single path segment, as RBAC allows.</summary>
    public static IReadOnlyList<string> PathSegment(string value) =>
    [
        .. Unless(value is not ("." or ".."), $"may not be '{value}'"),
        .. "/%".Where(refused => value.Contains(refused, StringComparison.Ordinal))
            .Select(refused => $"may not contain '{refused}'"),
    ];

    /// <summary>The key of a ConfigMap or a Secret.</summary>
    public static IReadOnlyList<string> ConfigKey(string value) =>
    [
        .. AtMost(value, LongestSubdomain, "characters"),
        .. Unless(
            IsConfigKey().IsMatch(value), "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
                + $"(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '{KeyRegex}')"),
        .. value is "." or ".."
            ? [$"must not be '{value}'"]
            : Unless(!value.StartsWith("..", StringComparison.Ordinal), "must not start with '..'"),
    ];

    /// <summary>The name of a container's port.</summary>
    public static IReadOnlyList<string> PortName(string value) =>
    [
        .. Unless(value.Length > 0, "must be non-empty"),
        .. AtMost(value, 15, "characters"),
        .. Unless(
            value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'),
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
        .. Unless(value.Any(char.IsAsciiLetterLower), "must contain at least one letter (a-z)"),
        .. Unless(!value.Contains("--", StringComparison.Ordinal), "must not contain consecutive hyphens"),
        .. Unless(!value.StartsWith('-') && !value.EndsWith('-'), "must not begin or end with a hyphen"),
    ];

    /// <summary>The name of an environment variable.</summary>
    public static IReadOnlyList<string> EnvironmentVariable(string value) => Unless(
        value.All(c => c is >= ' ' and <= '~' and not '='),
        "a valid environment variable name must consist only of printable ASCII characters other than '='");

    private static IReadOnlyList<string> Subdomain(string value, string unit) =>
    [
        .. AtMost(value, LongestSubdomain, unit),
        .. Unless(
            IsSubdomain().IsMatch(value),
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
                + "'-' or '.', and must start and end with an alphanumeric character "
                + $"(e.g. 'example.com', regex used for validation is '{SubdomainRegex}')"),
    ];

    /// <summary>
    /// Messages about names mention characters and those about keys bytes, but both limits are in bytes.
    /// </summary>
    private static IReadOnlyList<string> AtMost(string value, int limit, string unit) =>
        Unless(Encoding.UTF8.GetByteCount(value) <= limit, $"must be no more than {limit} {unit}");

    private static IReadOnlyList<string> Unless(bool isValid, string problem) => isValid ? [] : [problem];

    [GeneratedRegex($@"\A{SubdomainRegex}\z")]
    private static partial Regex IsSubdomain();

    [GeneratedRegex($@"\A{LabelRegex}\z")]
    private static partial Regex IsLabel();

    [GeneratedRegex($@"\A{Label1035Regex}\z")]
    private static partial Regex IsLabel1035();

    [GeneratedRegex($@"\A{QualifiedRegex}\z")]
    private static partial Regex IsQualified();

    [GeneratedRegex($@"\A{KeyRegex}\z")]
    private static partial Regex IsConfigKey();
}

/// <summary><c>generateName</c>: appends five characters, without vowels, to at most 58 of the prefix.</summary>
internal static class NameGenerator
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int RandomLength = 5;
    private const int MaximumPrefix = 63 - RandomLength;

    /// <summary>
    /// The prefix in the form that name validation checks: a suffix follows, so it may end in a hyphen. Like
    /// Kubernetes, it ignores the character before that hyphen.
    /// </summary>
    public static string Probe(string prefix) => prefix is [.., _, '-'] ? prefix[..^2] + "a" : prefix;

    public static string Generate(string prefix) =>
        (prefix.Length > MaximumPrefix ? prefix[..MaximumPrefix] : prefix)
        + RandomNumberGenerator.GetString(Alphabet, RandomLength);
}
