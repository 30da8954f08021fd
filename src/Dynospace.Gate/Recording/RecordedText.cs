using System.Globalization;
using System.Text;

namespace Dynospace.Gate.Recording;

/// <summary>
/// Writes bytes as a quoted string that cannot be mistaken for other parts of a log. Visible characters and plain
/// spaces are written as they are; all others, and bytes that are not UTF-8, are escaped.
/// </summary>
internal static class RecordedText
{
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length + 2).Append('"');
        while (bytes.Length > 0)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                Escape(text, bytes[..length]);
            }
            else
            {
                Append(text, rune, bytes[..length]);
            }

            bytes = bytes[length..];
        }

        return text.Append('"').ToString();
    }

    private static void Append(StringBuilder text, Rune rune, ReadOnlySpan<byte> bytes)
    {
        switch (rune.Value)
        {
            case '"' or '\\':
                text.Append('\\').Append((char)rune.Value);
                break;
            case '\r':
                text.Append("\\r");
                break;
            case '\n':
                text.Append("\\n");
                break;
            case '\t':
                text.Append("\\t");
                break;
            case '\e':
                text.Append("\\e");
                break;
            case ' ':
                text.Append(' ');
                break;
            default:
                if (IsVisible(rune))
                {
                    text.Append(rune.ToString());
                }
                else
                {
                    Escape(text, bytes);
                }

                break;
        }
    }

    /// <summary>False for direction marks, line separators and unassigned characters.</summary>
    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);

    private static void Escape(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            text.Append("\\x").Append(value.ToString("x2", CultureInfo.InvariantCulture));
        }
    }
}
