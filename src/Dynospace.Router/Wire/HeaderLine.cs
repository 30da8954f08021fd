using System.Buffers;
using System.Text;
using Dynospace.Router.Errors;
using Dynospace.Router.Requests;

namespace Dynospace.Router.Wire;

/// <summary>One header of a response, checked when it was made.</summary>
internal sealed class HeaderLine
{
    private const string Cookie = "Set-Cookie";

    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b != '\t').Append(127).Select(b => (byte)b)]);

    private static readonly SearchValues<byte> Others =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b is not ('\t' or '\r' or '\0')).Append(127).Select(b => (byte)b)]);

    private readonly byte[] _bytes;

    private HeaderLine(byte[] bytes, string name, string value) => (_bytes, Name, Value, Kind) = (bytes, name, value, KindOf(name));

    public string Name { get; }

    public string Value { get; }

    public HeaderKind Kind { get; }

    /// <summary>How much it takes to remember it.</summary>
    public int Length => _bytes.Length;

    /// <summary>Whether it was made of just these bytes.</summary>
    public bool Is(ReadOnlySpan<byte> line) => line.SequenceEqual(_bytes);

    /// <param name="line">Without its end.</param>
    /// <exception cref="RefusedResponseException">It is no header, or a cookie that is too long.</exception>
    public static HeaderLine Parse(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? default : line[..colon].TrimEnd(" \t"u8);
        if (name.IsEmpty || name.ContainsAnyExcept(Token))
        {
            throw new RefusedResponseException(RouterErrors.PoorlyFormattedResponse);
        }

        var header = new HeaderLine(line.ToArray(), Known(Encoding.ASCII.GetString(name)), ValueOf(line[(colon + 1)..].Trim(" \t"u8)));
        return header.Value.Length > ResponseLimits.Cookie && header.Name.Equals(Cookie, StringComparison.OrdinalIgnoreCase)
            ? throw new RefusedResponseException(RouterErrors.HttpRestriction)
            : header;
    }

    /// <summary>Whether a reason phrase or the like has bytes that no line may have.</summary>
    public static bool HasControls(ReadOnlySpan<byte> text) => text.ContainsAny(Controls);

    /// <summary>A NUL or a carriage return becomes a space; other control characters are no mistake that is seen.</summary>
    private static string ValueOf(ReadOnlySpan<byte> bytes)
    {
        var value = Encoding.Latin1.GetString(bytes);
        return !HasControls(bytes) ? value
            : bytes.ContainsAny(Others) ? throw new RefusedResponseException(RouterErrors.PoorlyFormattedResponse)
            : value.Replace('\0', ' ').Replace('\r', ' ');
    }

    /// <summary>The server above finds a name sooner that is the very string it knows.</summary>
    private static string Known(string name) => string.IsInterned(name) ?? name;

    private static HeaderKind KindOf(string name) =>
        name.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? HeaderKind.Connection
        : name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? HeaderKind.ContentLength
        : name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) ? HeaderKind.TransferEncoding
        : HopHeaders.OfResponse.Contains(name) ? HeaderKind.Hop
        : HeaderKind.Plain;
}
