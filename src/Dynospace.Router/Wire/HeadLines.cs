namespace Dynospace.Router.Wire;

/// <summary>Splits a head into lines, which end in CR LF or in LF alone.</summary>
internal static class HeadLines
{
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';
    private const byte Space = (byte)' ';
    private const byte Tab = (byte)'\t';

    /// <summary>The length of a head with its empty line; 0 if the empty line has not arrived yet.</summary>
    /// <param name="scanned">How many bytes earlier calls have scanned; no byte is scanned twice.</param>
    public static int LengthOf(ReadOnlySpan<byte> bytes, ref int scanned)
    {
        while (bytes[scanned..].IndexOf(LineFeed) is >= 0 and var found)
        {
            var next = scanned + found + 1;
            var rest = bytes[next..];
            switch (rest)
            {
                case [LineFeed, ..]:
                    return next + 1;
                case [CarriageReturn, LineFeed, ..]:
                    return next + 2;
                case [] or [CarriageReturn]:
                    scanned = next - 1;
                    return 0;
            }

            scanned = next;
        }

        scanned = bytes.Length;
        return 0;
    }

    /// <summary>Takes the next line off a complete head; the empty one is the last.</summary>
    /// <param name="mayFold">
    /// Whether a line that begins with a space continues the one before; the line ends in between become spaces, as RFC
    /// 9112 requires of a proxy.
    /// </param>
    public static ReadOnlySpan<byte> Next(ref Span<byte> head, bool mayFold)
    {
        var end = head.IndexOf(LineFeed);
        while (mayFold && end > 0 && !IsEmpty(head[..end]) && end + 1 < head.Length && head[end + 1] is Space or Tab)
        {
            head[end] = Space;
            if (head[end - 1] == CarriageReturn)
            {
                head[end - 1] = Space;
            }

            end += 1 + head[(end + 1)..].IndexOf(LineFeed);
        }

        var line = head[..end];
        head = head[(end + 1)..];
        return WithoutReturn(line);
    }

    /// <summary>A line without the carriage return at its end, if there is one.</summary>
    public static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) =>
        line is [.. var text, CarriageReturn] ? text : line;

    private static bool IsEmpty(ReadOnlySpan<byte> line) => line is [] or [CarriageReturn];
}
