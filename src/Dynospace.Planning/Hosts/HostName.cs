namespace Dynospace.Planning.Hosts;

/// <summary>The syntax of host names in routes.</summary>
public static class HostName
{
    private const int LongestLabel = 63;

    /// <summary>Lower-case labels of letters, digits and inner hyphens, separated by dots.</summary>
    public static bool IsValid(string host) => host.Split('.').All(IsLabel);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label[0] != '-' && label[^1] != '-'
        && label.All(character => char.IsAsciiLetterLower(character)
            || char.IsAsciiDigit(character)
            || character == '-');
}

/// <summary>The host name that every app has. Names of apps and spaces contain no dot, so it is unique.</summary>
public static class GeneratedHost
{
    /// <summary>The generated host of an app.</summary>
    public static string ForApp(string app, string space, string baseDomain) => $"{app}.{space}.{baseDomain}";

    /// <summary>Whether a host is the base domain or lies under it.</summary>
    public static bool IsUnder(string host, string baseDomain) =>
        host.EndsWith(baseDomain, StringComparison.OrdinalIgnoreCase)
        && (host.Length == baseDomain.Length || host[^(baseDomain.Length + 1)] == '.');
}
