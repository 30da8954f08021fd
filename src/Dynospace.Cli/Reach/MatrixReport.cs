using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Reachability;

namespace Dynospace.Cli.Reach;

/// <summary>Prints the tables of a space.</summary>
internal static class MatrixReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ToText(IEnumerable<(string Title, ReachabilityMatrix Matrix)> tables) =>
        string.Join("\n", tables.Select(table => $"{table.Title}\n\n{table.Matrix.ToText()}"));

    public static string ToJson(IEnumerable<(string Title, ReachabilityMatrix Matrix)> tables) =>
        new JsonArray([.. tables.SelectMany(table => Cells(table.Matrix))]).ToJsonString(Indented) + "\n";

    private static IEnumerable<JsonNode> Cells(ReachabilityMatrix matrix)
    {
        for (var row = 0; row < matrix.Sources.Length; row++)
        {
            for (var column = 0; column < matrix.Targets.Length; column++)
            {
                var (source, target, verdict) = (matrix.Sources[row], matrix.Targets[column], matrix[row, column]);
                yield return new JsonObject
                {
                    ["source"] = source.Name,
                    ["target"] = target.Name,
                    ["port"] = target.Port.Number,
                    ["protocol"] = target.Port.Protocol.ToString().ToUpperInvariant(),
                    ["reachable"] = verdict.Allowed,
                    ["partial"] = verdict.IsPartial,
                    ["basis"] = verdict.Basis,
                };
            }
        }
    }
}
