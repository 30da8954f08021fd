using System.Text.Json.Nodes;

namespace DevCluster.ApiServer.Http;

/// <summary>An object as it was sent, and the paths of the fields it holds twice.</summary>
internal sealed record ParsedBody(JsonObject Content, IReadOnlyList<string> Duplicates);
