using Spectre.Console.Rendering;

namespace Dynospace.Cli.Display;

/// <summary>Measures and cuts text by the cells that a terminal draws.</summary>
internal static class CellText
{
    public static int Width(string text) => new Segment(text).CellCount();

    /// <summary>One line that is at most so wide.</summary>
    public static string Fit(string text, int width, string ellipsis)
    {
        var line = text.ReplaceLineEndings(" ");
        if (Width(line) <= width)
        {
            return line;
        }

        var room = width - Width(ellipsis);
        var length = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            room -= Width(rune.ToString());
            if (room < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return width <= Width(ellipsis) ? ellipsis[..Math.Min(width, ellipsis.Length)] : line[..length].TrimEnd() + ellipsis;
    }
}
