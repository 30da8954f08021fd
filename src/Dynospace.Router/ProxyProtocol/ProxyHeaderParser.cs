namespace Dynospace.Router.ProxyProtocol;

/// <summary>
/// Reads a PROXY header of version 1 or 2, strictly: it decides who may send, so what can be read in two ways is not read at all. Bytes that
/// cannot become a header are refused as soon as that shows.
/// </summary>
internal static class ProxyHeaderParser
{
    private static ReadOnlySpan<byte> TextSignature => "PROXY "u8;

    private static ReadOnlySpan<byte> BinarySignature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>The header at the beginning of the bytes, if there is one.</summary>
    public static ProxyHeaderState Parse(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        if (Begins(received, BinarySignature))
        {
            return received.Length < BinarySignature.Length ? ProxyHeaderState.Incomplete : BinaryProxyHeader.Parse(received, out header);
        }

        return !Begins(received, TextSignature)
            ? ProxyHeaderState.Malformed
            : received.Length < TextSignature.Length ? ProxyHeaderState.Incomplete : TextProxyHeader.Parse(received, out header);
    }

    private static bool Begins(ReadOnlySpan<byte> received, ReadOnlySpan<byte> signature)
    {
        var length = Math.Min(received.Length, signature.Length);
        return received[..length].SequenceEqual(signature[..length]);
    }
}
