using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;

namespace DevCluster.Schema.Tests.Validation;

/// <summary>Compares findings without regard to order, which in the real API is that of a hash table.</summary>
internal static class Findings
{
    public static HashSet<FieldError> Parse(string json) =>
        [
            .. JsonNode.Parse(json)!.AsArray()
                .Select(finding => new FieldError((string)finding![0]!, (string)finding[1]!, (string)finding[2]!)),
        ];

    public static HashSet<FieldError> Of(IEnumerable<FieldError> errors) => [.. errors];

    public static string Show(IEnumerable<FieldError> errors) =>
        string.Join('\n', errors.Select(error => $"{error.Field} {error.Reason} {error.Message}"));
}
