namespace Dynospace.Planning.Routing;

/// <summary>The host name that every app has without asking. Neither app nor space contains a dot, so no two apps share one.</summary>
public static class GeneratedHost
{
    /// <summary>The generated host of an app.</summary>
    public static string Of(string app, string space, string baseDomain) => $"{app}.{space}.{baseDomain}";

    /// <summary>Whether a host is the base domain or lies under it.</summary>
    public static bool IsUnder(string host, string baseDomain) =>
        host.EndsWith(baseDomain, StringComparison.OrdinalIgnoreCase)
        && (host.Length == baseDomain.Length || host[^(baseDomain.Length + 1)] == '.');
}
