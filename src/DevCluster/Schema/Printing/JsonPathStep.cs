using System.Text.Json.Nodes;

namespace DevCluster.Schema.Printing;

/// <summary>One step of a <see cref="JsonPath"/>: takes each node found so far to others.</summary>
internal abstract record JsonPathStep
{
    public sealed record Field(string Name) : JsonPathStep;

    public sealed record Wildcard : JsonPathStep;

    public sealed record Recursive : JsonPathStep;

    /// <summary>
    /// <c>[2]</c>, <c>[1:3]</c>, <c>[-1:]</c>; <paramref name="IsSingle"/> for an index, whose end is derived.
    /// </summary>
    public sealed record Slice(int? Start, int? End, int Step, bool IsSingle) : JsonPathStep;

    public sealed record Union(IReadOnlyList<IReadOnlyList<JsonPathStep>> Branches) : JsonPathStep;

    public sealed record Literal(JsonNode? Value) : JsonPathStep;

    /// <summary>
    /// Keeps items for which the comparison holds; <paramref name="Operator"/> is <c>exists</c> without one.
    /// </summary>
    public sealed record Filter(
        IReadOnlyList<JsonPathStep> Left, string Operator, IReadOnlyList<JsonPathStep> Right) : JsonPathStep;
}
