using System.Globalization;

namespace Dynospace.Planning.Status;

/// <summary>
/// Texts that come from elsewhere, made fit for people's terminals: what a container prints or a tenant names can hold
/// line breaks, escape sequences and marks that turn the direction of writing, by which a message would say what nobody
/// wrote.
/// </summary>
public static class PrintableText
{
    /// <summary>The text with a space for each character that a terminal would act upon.</summary>
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
