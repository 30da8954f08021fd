using System.Buffers;

namespace Dynospace.Router.Requests;

/// <summary>A client's own id is kept when it is one that cannot do harm.</summary>
internal static class RequestId
{
    private const int Shortest = 20;
    private const int Longest = 200;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    public static string Of(string? given) =>
        given is { Length: >= Shortest and <= Longest } && !given.AsSpan().ContainsAnyExcept(Allowed) ? given : Guid.NewGuid().ToString();
}
