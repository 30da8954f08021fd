using System.Text;
using System.Text.RegularExpressions;

namespace DevCluster.ApiServer.Validation;

/// <summary>The formats of names, each answering with what is wrong, in the words of the real API; nothing if all is well.</summary>
internal static partial class NameFormats
{
    private const string LabelRegex = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainRegex = LabelRegex + @"(\." + LabelRegex + ")*";
    private const string QualifiedRegex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string LabelValueRegex = "(" + QualifiedRegex + ")?";
    private const string KeyRegex = "[-._a-zA-Z0-9]+";

    private const string QualifiedNameMessage =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '" + QualifiedRegex + "')";

    public static IEnumerable<string> Subdomain(string value)
    {
        if (value.Length > 253)
        {
            yield return "must be no more than 253 characters";
        }

        if (!IsSubdomain().IsMatch(value))
        {
            yield return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
                $"and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{SubdomainRegex}')";
        }
    }

    public static IEnumerable<string> Label(string value)
    {
        if (value.Length > 63)
        {
            yield return "must be no more than 63 characters";
        }

        if (!IsLabel().IsMatch(value))
        {
            yield return value.Contains('.', StringComparison.Ordinal)
                ? "must not contain dots"
                : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
                    $"alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LabelRegex}')";
        }
    }

    /// <summary>A name that is a path segment and nothing more, as RBAC allows.</summary>
    public static IEnumerable<string> PathSegment(string value)
    {
        if (value is "." or "..")
        {
            yield return $"may not be '{value}'";
        }

        foreach (var refused in "/%".Where(refused => value.Contains(refused, StringComparison.Ordinal)))
        {
            yield return $"may not contain '{refused}'";
        }
    }

    /// <summary>The key of a label, an annotation, a finalizer or a taint.</summary>
    public static IEnumerable<string> QualifiedName(string value)
    {
        var parts = value.Split('/');
        if (parts.Length > 2)
        {
            return ["a valid label key " + QualifiedNameMessage + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"];
        }

        var found = new List<string>();
        if (parts.Length == 2)
        {
            found.AddRange(parts[0].Length == 0 ? ["prefix part must be non-empty"] : Subdomain(parts[0]).Select(text => "prefix part " + text));
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            found.Add("name part must be non-empty");
        }
        else if (name.Length > 63)
        {
            found.Add("name part must be no more than 63 bytes");
        }

        if (!IsQualified().IsMatch(name))
        {
            found.Add("name part " + QualifiedNameMessage);
        }

        return found;
    }

    public static IEnumerable<string> LabelValue(string value)
    {
        if (Encoding.UTF8.GetByteCount(value) > 63)
        {
            yield return "must be no more than 63 bytes";
        }

        if (!IsLabelValue().IsMatch(value))
        {
            yield return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
                "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', " +
                $"regex used for validation is '{LabelValueRegex}')";
        }
    }

    /// <summary>The key of a ConfigMap or a Secret.</summary>
    public static IEnumerable<string> ConfigKey(string value)
    {
        if (value.Length > 253)
        {
            yield return "must be no more than 253 characters";
        }

        if (!IsConfigKey().IsMatch(value))
        {
            yield return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' " +
                $"(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '{KeyRegex}')";
        }

        if (value is "." or "..")
        {
            yield return $"must not be '{value}'";
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            yield return "must not start with '..'";
        }
    }

    public static IEnumerable<string> PortName(string value)
    {
        if (value.Length is 0 or > 15)
        {
            yield return value.Length == 0 ? "must be non-empty" : "must be no more than 15 characters";
        }

        if (!value.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-'))
        {
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }

        if (!value.Any(c => c is >= 'a' and <= 'z'))
        {
            yield return "must contain at least one letter (a-z)";
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            yield return "must not contain consecutive hyphens";
        }

        if (value.Length > 0 && (value[0] == '-' || value[^1] == '-'))
        {
            yield return "must not begin or end with a hyphen";
        }
    }

    public static IEnumerable<string> EnvironmentVariable(string value) =>
        value.All(c => c is >= ' ' and <= '~' and not '=')
            ? []
            : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex IsSubdomain();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex IsLabel();

    [GeneratedRegex(@"\A([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex IsQualified();

    [GeneratedRegex(@"\A(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex IsLabelValue();

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]+\z")]
    private static partial Regex IsConfigKey();
}
