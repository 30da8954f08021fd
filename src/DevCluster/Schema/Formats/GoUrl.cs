using System.Text.RegularExpressions;

namespace DevCluster.Schema.Formats;

/// <summary>An absolute URI or absolute path, parsed as by Go's url.ParseRequestURI.</summary>
internal sealed partial record GoUrl(string Text, string Scheme, string Host, string EscapedPath, string RawQuery)
{
    public string Hostname => SplitHost().Name;

    public string Port => SplitHost().Port;

    public IEnumerable<KeyValuePair<string, string>> Query => RawQuery
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Where(pair => !pair.Contains(';', StringComparison.Ordinal))
        .Select(pair => pair.Split('=', 2))
        .Select(pair => KeyValuePair.Create(Decode(pair[0]), pair.Length > 1 ? Decode(pair[1]) : ""));

    public static bool TryParse(string text, out GoUrl url, out string problem)
    {
        url = new GoUrl(text, "", "", "", "");
        problem = Problem(text) ?? "";
        if (problem.Length > 0)
        {
            return false;
        }

        var scheme = SchemePart().Match(text).Groups[1].Value;
        var rest = scheme.Length > 0 ? text[(scheme.Length + 1)..] : text;
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : rest[(question + 1)..];
        rest = question < 0 ? rest : rest[..question];
        if (!rest.StartsWith('/'))
        {
            // An opaque URI, such as mailto:someone.
            problem = scheme.Length > 0 ? "" : "invalid URI for request";
            url = new GoUrl(text, scheme.ToLowerInvariant(), "", "", query);
            return problem.Length == 0;
        }

        var host = "";
        if (scheme.Length > 0 && rest.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = rest.IndexOf('/', 2);
            var authority = slash < 0 ? rest[2..] : rest[2..slash];
            rest = slash < 0 ? "" : rest[slash..];
            host = authority[(authority.LastIndexOf('@') + 1)..];
            problem = HostProblem(host) ?? "";
        }

        url = new GoUrl(text, scheme.ToLowerInvariant(), host, rest, query);
        return problem.Length == 0;
    }

    public override string ToString() => Text;

    private static string? Problem(string text) =>
        text.Length == 0 ? "empty url"
        : text.Any(char.IsControl) ? "net/url: invalid control character in URL"
        : text.StartsWith(':') ? "missing protocol scheme"
        : BadEscape().Match(text) is { Success: true } escape ? $"invalid URL escape \"{escape.Value}\""
        : null;

    private static string? HostProblem(string host)
    {
        var colon = host.StartsWith('[')
            ? host.IndexOf(':', Math.Max(host.IndexOf(']', StringComparison.Ordinal), 0))
            : host.LastIndexOf(':');
        return host.StartsWith('[') && !host.Contains(']', StringComparison.Ordinal) ? "missing ']' in host"
            : colon >= 0 && host[(colon + 1)..].Any(character => !char.IsAsciiDigit(character))
                ? $"invalid port \"{host[colon..]}\" after host"
                : host.FirstOrDefault(
                    character => character is ' ' or '"' or '<' or '>' or '^' or '`' or '{' or '|' or '}'
                        or '\\') is not '\0' and var bad ? $"invalid character \"{bad}\" in host name"
                : null;
    }

    private (string Name, string Port) SplitHost()
    {
        var match = HostPort().Match(Host);
        var name = match.Groups[1].Value;
        return (name.StartsWith('[') ? name[1..^1] : name, match.Groups[2].Value);
    }

    private static string Decode(string part) => Uri.UnescapeDataString(part.Replace('+', ' '));

    [GeneratedRegex("^([a-zA-Z][a-zA-Z0-9+.-]*):")]
    private static partial Regex SchemePart();

    [GeneratedRegex("%(?![0-9a-fA-F]{2}).{0,2}")]
    private static partial Regex BadEscape();

    [GeneratedRegex(@"^(\[[^\]]*\]|[^:]*)(?::(\d*))?$")]
    private static partial Regex HostPort();
}
