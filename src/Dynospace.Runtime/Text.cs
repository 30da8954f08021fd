namespace Dynospace.Runtime;

/// <summary>Caps texts that come from elsewhere before they enter objects and logs.</summary>
public static class Text
{
    /// <summary>
    /// The API server's limit of a condition's or event's message is in bytes or characters, by kind; this many
    /// characters of ASCII suit all.
    /// </summary>
    public const int LongestMessage = 1024;

    /// <summary>The text, shortened to the number of UTF-8 bytes.</summary>
    public static string Cap(string text, int bytes = LongestMessage)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        const string Ellipsis = "...";
        var length = 0;
        var used = Ellipsis.Length;
        foreach (var rune in text.EnumerateRunes())
        {
            used += rune.Utf8SequenceLength;
            if (used > bytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return string.Concat(text.AsSpan(0, length), Ellipsis);
    }
}
