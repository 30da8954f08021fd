namespace Dynospace.Runtime;

/// <summary>Caps texts of external origin before they enter objects and logs.</summary>
public static class Text
{
    /// <summary>
    /// The API server limits messages of conditions and events in bytes or in characters, depending on the kind; this
    /// many bytes satisfy all limits.
    /// </summary>
    public const int LongestMessage = 1024;

    /// <summary>The text, shortened to this number of UTF-8 bytes.</summary>
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
