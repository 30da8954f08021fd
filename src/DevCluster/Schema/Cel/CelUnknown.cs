using System.Text.Json.Nodes;

namespace DevCluster.Schema.Cel;

/// <summary>Data that a schema preserves without knowing it: it can be compared, nothing else.</summary>
internal sealed record CelUnknown(JsonNode? Content)
{
    public bool Equals(CelUnknown? other) => other is not null && JsonNode.DeepEquals(Content, other.Content);

    public override int GetHashCode() => 0;
}
