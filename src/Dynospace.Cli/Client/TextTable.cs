using System.Globalization;
using System.Text;

namespace Dynospace.Cli.Client;

/// <summary>Columns of text, as kubectl prints them: for people, and for pipes.</summary>
public sealed class TextTable(params string[] headings)
{
    private const int Gap = 3;

    private readonly List<string[]> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    public void Add(params string?[] cells) => _rows.Add([.. cells.Select(OneLine)]);

    public void Write(TextWriter output, bool withHeadings = true)
    {
        var widths = Array.ConvertAll(headings, heading => heading.Length);
        foreach (var row in _rows)
        {
            for (var column = 0; column < widths.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        foreach (var row in withHeadings ? _rows.Prepend(headings) : _rows)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Length; column++)
            {
                line.Append(row[column].PadRight(widths[column] + Gap));
            }

            output.WriteLine(line.ToString().TrimEnd());
        }
    }

    /// <summary>Removes control characters: names and messages of other users must not control the terminal.</summary>
    internal static string OneLine(string? cell) => string.IsNullOrEmpty(cell)
        ? "-"
        : string.Concat(cell.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? ' ' : c));
}

/// <summary>Ages in a few characters, for tables.</summary>
public static class Ages
{
    private const int Switch = 10;

    /// <summary>As in <c>42s</c>, <c>3m20s</c>, <c>5h</c>, <c>12d</c>; empty for an unknown time.</summary>
    public static string Since(DateTimeOffset? time, TimeProvider clock) =>
        time is { } known ? Format(clock.GetUtcNow() - known) : "";

    /// <inheritdoc cref="Since(DateTimeOffset?, TimeProvider)"/>
    public static string Since(DateTime? time, TimeProvider clock) =>
        Since(time is { } known ? new DateTimeOffset(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : null, clock);

    public static string Format(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 2 } => Format($"{(int)age.TotalSeconds}s"),
        { TotalMinutes: < Switch } => Format($"{(int)age.TotalMinutes}m{Part(age.Seconds, 's')}"),
        { TotalHours: < 3 } => Format($"{(int)age.TotalMinutes}m"),
        { TotalHours: < Switch } => Format($"{(int)age.TotalHours}h{Part(age.Minutes, 'm')}"),
        { TotalHours: < 48 } => Format($"{(int)age.TotalHours}h"),
        { TotalDays: < Switch } => Format($"{(int)age.TotalDays}d{Part(age.Hours, 'h')}"),
        _ => Format($"{(int)age.TotalDays}d"),
    };

    private static string Part(int value, char unit) => value == 0 ? "" : Format($"{value}{unit}");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
