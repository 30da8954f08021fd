namespace Dynospace.Router.Tls;

/// <summary>A name of a certificate: a host, or a wildcard for exactly one label in front (RFC 6125).</summary>
internal static class HostPattern
{
    private const string Wildcard = "*.";

    public static bool IsWildcard(string pattern) => pattern.StartsWith(Wildcard, StringComparison.Ordinal);

    /// <summary>Whether a certificate of this name may speak for the host. Both are lower-case.</summary>
    public static bool Matches(string pattern, ReadOnlySpan<char> host)
    {
        if (!IsWildcard(pattern))
        {
            return host.SequenceEqual(pattern);
        }

        var dot = host.IndexOf('.');
        return dot > 0 && host[dot..].SequenceEqual(pattern.AsSpan(1));
    }
}
