using System.Buffers;

namespace Dynospace.Router.Requests;

/// <summary>The target as the client wrote it: the dyno sees no other encoding of it.</summary>
internal static class RequestTarget
{
    /// <summary>Any dyno's authority; the connection decides which dyno it is and the Host header is the client's.</summary>
    private const string Authority = "http://dyno";

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private static readonly SearchValues<char> Visible = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)]);

    /// <summary>The path and query of any form of target; null when there is none that a dyno could serve.</summary>
    public static string? PathOf(string rawTarget)
    {
        if (rawTarget.AsSpan().ContainsAnyExcept(Visible))
        {
            return null;
        }

        if (rawTarget is ['/', ..])
        {
            return rawTarget;
        }

        var authority = rawTarget.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0)
        {
            return null;
        }

        var path = rawTarget.AsSpan(authority + 3).IndexOfAny('/', '?');
        return path < 0 ? "/" : rawTarget[authority + 3 + path] == '/' ? rawTarget[(authority + 3 + path)..] : $"/{rawTarget.AsSpan(authority + 3 + path)}";
    }

    public static Uri UriOf(string path) => new(string.Concat(Authority, path), in AsWritten);
}
