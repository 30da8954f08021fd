using System.Globalization;

namespace Dynospace.Planning.Status;

/// <summary>
/// Makes untrusted text safe for terminals. Output of containers and names from tenants can contain line breaks, escape
/// sequences and bidirectional marks, which could forge a message.
/// </summary>
public static class PrintableText
{
    /// <summary>The text with each control character replaced by a space.</summary>
    public static string Clean(string text) =>
        text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text.Any(IsUnprintable)
            ? string.Create(text.Length, text, static (target, source) =>
            {
                for (var i = 0; i < target.Length; i++)
                {
                    target[i] = IsUnprintable(source[i]) ? ' ' : source[i];
                }
            })
            : text;

    private static bool IsUnprintable(char character) =>
        CharUnicodeInfo.GetUnicodeCategory(character)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}
