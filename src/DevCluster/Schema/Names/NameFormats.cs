using System.Text.RegularExpressions;

namespace DevCluster.Schema.Names;

/// <summary>The kinds of names that Kubernetes knows; each method gives what is wrong, in the real API's words.</summary>
public static partial class NameFormats
{
    private const int LongestLabel = 63;
    private const int LongestSubdomain = 253;

    public static IReadOnlyList<string> Dns1123Label(string name) => Check(
        name,
        LongestLabel,
        Label1123(),
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
        "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
        "my-name",
        "123-abc");

    public static IReadOnlyList<string> Dns1123Subdomain(string name) => Check(
        name,
        LongestSubdomain,
        Subdomain1123(),
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        @"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        "example.com");

    public static IReadOnlyList<string> Dns1035Label(string name) => Check(
        name,
        LongestLabel,
        Label1035(),
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        "[a-z]([-a-z0-9]*[a-z0-9])?",
        "my-name",
        "abc-123");

    public static IReadOnlyList<string> LabelValue(string value) => value.Length == 0 ? [] : Check(
        value,
        LongestLabel,
        QualifiedPart(),
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
        "MyValue",
        "my_value",
        "12345");

    public static IReadOnlyList<string> QualifiedName(string name)
    {
        var parts = name.Split('/');
        const string description =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
        const string pattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
        if (parts.Length > 2)
        {
            return [$"a qualified name {Describe(description, pattern, "MyName", "my.name", "123-abc")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"];
        }

        var problems = new List<string>();
        if (parts.Length == 2)
        {
            problems.AddRange(parts[0].Length == 0 ? ["prefix part must be non-empty"] : Dns1123Subdomain(parts[0]).Select(problem => "prefix part " + problem));
        }

        if (parts[^1].Length == 0)
        {
            problems.Add("name part must be non-empty");
        }
        else
        {
            problems.AddRange(Check(parts[^1], LongestLabel, QualifiedPart(), description, pattern, "MyName", "my.name", "123-abc").Select(problem => "name part " + problem));
        }

        return problems;
    }

    private static List<string> Check(string name, int longest, Regex form, string description, string pattern, params string[] examples)
    {
        var problems = new List<string>();
        if (name.Length > longest)
        {
            problems.Add($"must be no more than {longest} bytes");
        }

        if (!form.IsMatch(name))
        {
            problems.Add(Describe(description, pattern, examples));
        }

        return problems;
    }

    private static string Describe(string description, string pattern, params string[] examples) =>
        $"{description} (e.g. {string.Join(", ", examples.Select((example, i) => i == 0 ? $"'{example}'" : $" or '{example}'"))}, regex used for validation is '{pattern}')";

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label1123();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain1123();

    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label1035();

    [GeneratedRegex(@"\A([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex QualifiedPart();
}
