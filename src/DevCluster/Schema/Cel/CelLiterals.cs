using System.Globalization;
using System.Text;

namespace DevCluster.Schema.Cel;

/// <summary>Reads the values of literal tokens; null if they are out of range.</summary>
internal static class CelLiterals
{
    public static long? Int(string text, bool isNegative)
    {
        var magnitude = Magnitude(text);
        return magnitude is null || magnitude > (isNegative ? 1UL << 63 : long.MaxValue) ? null
            : isNegative ? unchecked(-(long)magnitude.Value)
            : (long)magnitude.Value;
    }

    public static ulong? Uint(string text) => Magnitude(text.TrimEnd('u', 'U'));

    public static double? Double(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && double.IsFinite(value) ? value : null;

    public static string String(string token)
    {
        var (body, isRaw) = Unquote(token);
        if (isRaw || !body.Contains('\\', StringComparison.Ordinal))
        {
            return body;
        }

        var text = new StringBuilder();
        for (var at = 0; at < body.Length;)
        {
            at += body[at] != '\\'
                ? Plain(body[at], text)
                : Escape(body, at, code => text.Append(new Rune(code).ToString()));
        }

        return text.ToString();
    }

    /// <summary>Hexadecimal and octal escapes are bytes; all other characters are encoded as UTF-8.</summary>
    public static byte[] Bytes(string token)
    {
        var (body, isRaw) = Unquote(token[1..]);
        if (isRaw)
        {
            return Encoding.UTF8.GetBytes(body);
        }

        var bytes = new List<byte>();
        for (var at = 0; at < body.Length;)
        {
            if (body[at] == '\\')
            {
                var isByte = body[at + 1] is 'x' or 'X' || char.IsAsciiDigit(body[at + 1]);
                at += Escape(
                    body,
                    at,
                    code => bytes.AddRange(isByte ? [(byte)code] : Encoding.UTF8.GetBytes(new Rune(code).ToString())));
            }
            else
            {
                var length = char.IsHighSurrogate(body[at]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(body.Substring(at, length)));
                at += length;
            }
        }

        return [.. bytes];
    }

    private static int Plain(char character, StringBuilder text)
    {
        text.Append(character);
        return 1;
    }

    private static (string Body, bool IsRaw) Unquote(string token)
    {
        var isRaw = token[0] is 'r' or 'R';
        var quoted = isRaw ? token[1..] : token;
        var isTriple = quoted.Length >= 6
            && (quoted.StartsWith("\"\"\"", StringComparison.Ordinal)
                || quoted.StartsWith("'''", StringComparison.Ordinal));
        var width = isTriple ? 3 : 1;
        return (quoted[width..^width].Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'), isRaw);
    }

    /// <summary>Reads the escape sequence at a backslash; returns its length.</summary>
    private static int Escape(string body, int at, Action<int> add)
    {
        var letter = body[at + 1];
        var digits = letter switch { 'x' or 'X' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            add(int.Parse(body.AsSpan(at + 2, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            return 2 + digits;
        }

        if (char.IsAsciiDigit(letter))
        {
            add(Convert.ToInt32(body.Substring(at + 1, 3), 8));
            return 4;
        }

        add(letter switch { 'a' => 7, 'b' => 8, 'f' => 12, 'n' => 10, 'r' => 13, 't' => 9, 'v' => 11, _ => letter });
        return 2;
    }

    private static ulong? Magnitude(string text)
    {
        var isHex = text.StartsWith("0x", StringComparison.Ordinal);
        return ulong.TryParse(
            isHex ? text.AsSpan(2) : text,
            isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var value)
            ? value
            : null;
    }
}
