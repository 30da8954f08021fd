using System.Text;

namespace DevCluster.Schema.Cel;

/// <summary>The text of an expression; writes issues with the line they are on and a mark below.</summary>
internal sealed class CelSource(string text)
{
    private const int MostIssues = 100;

    public string Text { get; } = text;

    /// <summary>
    /// All issues in order of place, in the form <c>ERROR: &lt;input&gt;:1:6: message</c>, line and mark.
    /// </summary>
    public string Describe(IEnumerable<CelIssue> issues) =>
        string.Join('\n', issues.OrderBy(issue => issue.Offset).Take(MostIssues).Select(Describe));

    private string Describe(CelIssue issue)
    {
        var offset = Math.Clamp(issue.Offset, 0, Text.Length);
        var before = Text[..offset];
        var line = before.Count(character => character == '\n') + 1;
        var start = before.LastIndexOf('\n') + 1;
        var end = Text.IndexOf('\n', offset);
        var lineText = Text[start..(end < 0 ? Text.Length : end)].Replace('\t', ' ');
        var marker = new StringBuilder();
        var column = 0;
        foreach (var rune in Text[start..offset].EnumerateRunes())
        {
            column++;
            marker.Append(rune.IsAscii ? '.' : '\uff0e');
        }

        marker.Append(offset < Text.Length && !char.IsAscii(Text[offset]) ? '\uff3e' : '^');
        return $"ERROR: <input>:{line}:{column + 1}: {issue.Message}\n | {lineText}\n | {marker}";
    }
}
