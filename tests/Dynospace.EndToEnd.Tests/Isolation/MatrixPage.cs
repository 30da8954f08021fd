using System.Globalization;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Policies;
using Dynospace.Reachability;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// Reads the isolation matrices out of <c>docs</c>, so that what is published is what is tried, cell by cell.
/// </summary>
internal static class MatrixPage
{
    private const string Heading = "## ";

    public static IReadOnlyList<MatrixCell> Read(SpaceRuntime runtime) =>
        Parse(
            File.ReadAllText(
                RepositoryFolder.Combine("docs", $"isolation-{runtime.ToString().ToLowerInvariant()}.md")));

    /// <summary>
    /// The tables whose cells are about the spaces' own pods; the others speak of routers that really run.
    /// </summary>
    public static bool IsOfSpaces(MatrixCell cell) => !cell.Table.EndsWith("the routers", StringComparison.Ordinal);

    /// <summary>Whether the cell is open by a policy that spaces have only where the operator makes routers.</summary>
    public static bool IsOpenForRouters(MatrixCell cell) =>
        cell.Expected && cell.Basis.Contains(PolicyNames.PublicRouters, StringComparison.Ordinal);

    public static IReadOnlyList<MatrixCell> Parse(string page) =>
        [.. page.Split("\n" + Heading).Skip(1).SelectMany(section => Section(section.Split('\n')))];

    private static IEnumerable<MatrixCell> Section(string[] lines)
    {
        var rows = lines.Where(line => line.StartsWith('|')).Select(Cells).ToArray();
        var legend = lines.Select(Entry)
            .OfType<(string Number, string Basis)>()
            .ToDictionary(entry => entry.Number, entry => entry.Basis);
        var columns = rows[0].Skip(1).Select(Column).ToArray();
        foreach (var row in rows.Skip(2))
        {
            for (var i = 0; i < columns.Length; i++)
            {
                var (answer, number) = Words(row[i + 1]);
                yield return new(lines[0], row[0], columns[i].To, columns[i].Port, IsYes(answer), legend[number]);
            }
        }
    }

    private static string[] Cells(string line) => [.. line.Split('|')[1..^1].Select(cell => cell.Trim())];

    private static (string Number, string Basis)? Entry(string line) =>
        line.IndexOf(". ", StringComparison.Ordinal) is > 0 and var dot
        && int.TryParse(line[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? (line[..dot], line[(dot + 2)..])
            : null;

    /// <summary>A name, and at the end protocol and number.</summary>
    private static (string To, TransportPort Port) Column(string header)
    {
        return header.Split(' ') is [.. var name, var protocol, var number]
            && TransportPort.TryParse($"{number}/{protocol}", out var port)
            ? (string.Join(' ', name), port)
            : throw new FormatException($"The column \"{header}\" ends in no port such as TCP 5000.");
    }

    private static (string Answer, string Number) Words(string cell) =>
        cell.Split(' ') is [var answer, var number]
            ? (answer, number)
            : throw new FormatException($"\"{cell}\" is not a cell such as \"yes 1\".");

    private static bool IsYes(string answer) =>
        answer switch
        {
            "yes" =>
            true,
            "no" => false,
            _ => throw new FormatException($"\"{answer}\" is neither yes nor no.")
        };
}
