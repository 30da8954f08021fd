using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dynospace.Router.ProxyProtocol;

/// <summary>Version 1: one line of text, <c>PROXY TCP4 198.51.100.7 203.0.113.5 51234 443</c>.</summary>
internal static class TextProxyHeader
{
    /// <summary>The longest line that the protocol allows, its end included.</summary>
    private const int LongestLine = 107;

    private const int Parts = 6;

    public static ProxyHeaderState Parse(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        var end = received.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return received.Length < LongestLine ? ProxyHeaderState.Incomplete : ProxyHeaderState.Malformed;
        }

        var length = end + 2;
        if (length > LongestLine || received[..end].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return ProxyHeaderState.Malformed;
        }

        var parts = Encoding.ASCII.GetString(received[..end]).Split(' ');
        if (parts[1] == "UNKNOWN")
        {
            // Whatever follows on the line is to be ignored.
            header = new ProxyHeader(null, length);
            return ProxyHeaderState.Complete;
        }

        if (Family(parts[1]) is not { } family || parts.Length != Parts
            || Address(parts[2], family) is not { } client || Address(parts[3], family) is null
            || Port(parts[4]) is not { } port || Port(parts[5]) is null)
        {
            return ProxyHeaderState.Malformed;
        }

        header = new ProxyHeader(new IPEndPoint(client, port), length);
        return ProxyHeaderState.Complete;
    }

    private static AddressFamily? Family(string text) => text switch
    {
        "TCP4" => AddressFamily.InterNetwork,
        "TCP6" => AddressFamily.InterNetworkV6,
        _ => null,
    };

    /// <summary>The parser of the framework also takes 10.1, 0x0a.0.0.1, brackets and zones, which are no addresses here.</summary>
    private static IPAddress? Address(string text, AddressFamily family)
    {
        if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != family)
        {
            return null;
        }

        return family == AddressFamily.InterNetwork
            ? address.ToString() == text ? address : null
            : text.AsSpan().ContainsAny("[]%/") ? null : address;
    }

    private static int? Port(string text) =>
        text.Length is > 0 and <= 5 && (text == "0" || text[0] != '0')
        && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : null;
}
