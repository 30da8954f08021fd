using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>An answer of the API.</summary>
public sealed record ApiReply(int Code, JsonObject Body, IReadOnlyList<string> Warnings)
{
    public string? Reason => (string?)Body["reason"];

    public string Message => (string?)Body["message"] ?? "";

    public string ResourceVersion => (string)Body["metadata"]!["resourceVersion"]!;

    public string? Text(params ReadOnlySpan<string> path)
    {
        JsonNode? node = Body;
        foreach (var key in path)
        {
            node = (node as JsonObject)?[key];
        }

        return node?.ToString();
    }
}
