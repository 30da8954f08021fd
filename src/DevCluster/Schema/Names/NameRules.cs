using System.Text.RegularExpressions;

namespace DevCluster.Schema.Names;

/// <summary>What object names, label keys and label values may look like, with the API's own explanations.</summary>
internal static partial class NameRules
{
    private const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'example.com', regex used for validation is "
        + @"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string KeyNameRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
        + "'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string ValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
        + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>Why a text is no name of a custom resource; empty when it is one.</summary>
    public static IEnumerable<string> OfSubdomain(string text) => Sized(text, 253, Subdomain(), SubdomainRule);

    /// <summary>Why a label or annotation key is malformed; empty when it is not.</summary>
    public static IEnumerable<string> OfKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? key : key[(slash + 1)..];
        if (slash == 0)
        {
            yield return "prefix part must be non-empty";
        }
        else if (slash > 0)
        {
            foreach (var problem in OfSubdomain(key[..slash]))
            {
                yield return "prefix part " + problem;
            }
        }

        if (name.Length == 0)
        {
            yield return "name part must be non-empty";
        }
        else if (name.Length > 63)
        {
            yield return "name part must be no more than 63 bytes";
        }

        if (!KeyName().IsMatch(name))
        {
            yield return KeyNameRule;
        }
    }

    public static IEnumerable<string> OfLabelValue(string value)
    {
        if (value.Length > 63)
        {
            yield return "must be no more than 63 bytes";
        }

        if (value.Length > 0 && !KeyName().IsMatch(value))
        {
            yield return ValueRule;
        }
    }

    private static IEnumerable<string> Sized(string text, int limit, Regex pattern, string rule)
    {
        if (text.Length > limit)
        {
            yield return $"must be no more than {limit} bytes";
        }

        if (!pattern.IsMatch(text))
        {
            yield return rule;
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"\A([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex KeyName();
}
