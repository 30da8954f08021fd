using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Printing;

/// <summary>
/// The JSONPath of kubectl and of printer columns: fields, quoted keys, indexes and slices, wildcards, unions,
/// recursive descent and filters such as <c>.status.conditions[?(@.type=="Ready")].status</c>. Missing keys yield no
/// result.
/// </summary>
public sealed class JsonPath
{
    private readonly IReadOnlyList<JsonPathStep> _steps;

    private JsonPath(string text, IReadOnlyList<JsonPathStep> steps)
    {
        Text = text;
        _steps = steps;
    }

    /// <summary>The expression without braces.</summary>
    public string Text { get; }

    /// <exception cref="FormatException">The expression is not valid JSONPath.</exception>
    public static JsonPath Parse(string text) => new(text, new JsonPathParser(text).Parse());

    /// <summary>The results in order. A null result is an explicit JSON null.</summary>
    /// <exception cref="FormatException">The path does not match the value: an index is out of range, or a filter
    /// applies to an object.</exception>
    public IReadOnlyList<JsonNode?> Find(JsonNode? root) => Walk(_steps, [root]);

    /// <summary>The first result; false if there is none or the path does not match the value.</summary>
    public bool TryFindFirst(JsonNode? root, out JsonNode? found)
    {
        found = null;
        try
        {
            var all = Find(root);
            found = all.Count > 0 ? all[0] : null;
            return all.Count > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    internal static List<JsonNode?> Walk(IReadOnlyList<JsonPathStep> steps, List<JsonNode?> input) =>
        steps.Aggregate(input, (current, step) => step switch
        {
            JsonPathStep.Field field => [.. current.SelectMany(node => Field(node, field.Name))],
            JsonPathStep.Wildcard => [.. current.SelectMany(Children)],
            JsonPathStep.Recursive => [.. current.SelectMany(Containers)],
            JsonPathStep.Slice slice => [.. current.SelectMany(node => Slice(node, slice))],
            JsonPathStep.Union union => [.. union.Branches.SelectMany(branch => Walk(branch, current))],
            JsonPathStep.Literal literal => [.. current.Select(_ => literal.Value)],
            JsonPathStep.Filter filter => [.. current.SelectMany(node => Filter(node, filter))],
            _ => throw new InvalidOperationException($"Unknown step {step}"),
        });

    private static IEnumerable<JsonNode?> Field(JsonNode? node, string name) =>
        node is JsonObject map && map.TryGetPropertyValue(name, out var value) ? [value] : [];

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonObject map => map.Select(property => property.Value),
        JsonArray list => list,
        _ => [],
    };

    private static IEnumerable<JsonNode?> Containers(JsonNode? node)
    {
        var children = Children(node).ToList();
        return children.Count == 0 ? [] : children.SelectMany(Containers).Prepend(node);
    }

    private static IEnumerable<JsonNode?> Slice(JsonNode? node, JsonPathStep.Slice slice)
    {
        if (node is null)
        {
            return [];
        }

        var list = node as JsonArray ?? throw new FormatException($"{Describe(node)} is not array or slice");
        var start = slice.Start ?? 0;
        start = start < 0 ? start + list.Count : start;
        var end = slice.End ?? list.Count;
        end = end < 0 || (end == 0 && slice.IsSingle) ? end + list.Count : end;
        if (start == end)
        {
            return [];
        }

        if (start < 0 || start >= list.Count || end < 0 || end > list.Count || start > end)
        {
            throw new FormatException($"array index out of bounds: index {start}, length {list.Count}");
        }

        return Enumerable.Range(start, end - start)
            .Where(index => (index - start) % slice.Step == 0)
            .Select(index => list[index]);
    }

    private static List<JsonNode?> Filter(JsonNode? node, JsonPathStep.Filter filter)
    {
        var list = node as JsonArray
            ?? throw new FormatException($"{Describe(node)} is not array or slice and cannot be filtered");
        return [.. list.Where(item => JsonPathComparison.Passes(item, filter))];
    }

    private static string Describe(JsonNode? node) =>
        (node?.GetValueKind() ?? JsonValueKind.Null).ToString().ToLowerInvariant();
}

/// <summary>One step of a <see cref="JsonPath"/>, which maps each node to its results.</summary>
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
    /// Keeps items that satisfy the comparison; without one, <paramref name="Operator"/> is <c>exists</c>.
    /// </summary>
    public sealed record Filter(
        IReadOnlyList<JsonPathStep> Left, string Operator, IReadOnlyList<JsonPathStep> Right) : JsonPathStep;
}

/// <summary>
/// Evaluates a filter for one item. As in the real engine, only values of the same kind are comparable.
/// </summary>
internal static class JsonPathComparison
{
    public static bool Passes(JsonNode? item, JsonPathStep.Filter filter)
    {
        var left = JsonPath.Walk(filter.Left, [item]);
        if (filter.Operator == "exists")
        {
            return left.Count > 0;
        }

        var right = JsonPath.Walk(filter.Right, [item]);
        if (left.Count == 0 || right.Count == 0)
        {
            return false;
        }

        if (left.Count > 1 || right.Count > 1)
        {
            throw new FormatException("can only compare one element at a time");
        }

        return filter.Operator switch
        {
            "==" => Compare(left[0], right[0]) == 0,
            "!=" => Compare(left[0], right[0]) != 0,
            "<" => Compare(left[0], right[0]) < 0,
            "<=" => Compare(left[0], right[0]) <= 0,
            ">" => Compare(left[0], right[0]) > 0,
            ">=" => Compare(left[0], right[0]) >= 0,
            _ => throw new FormatException($"unrecognized filter operator {filter.Operator}"),
        };
    }

    private static int Compare(JsonNode? left, JsonNode? right)
    {
        if (left is JsonValue a && right is JsonValue b)
        {
            if (a.Text() is { } leftText && b.Text() is { } rightText)
            {
                return string.CompareOrdinal(leftText, rightText);
            }

            if (a.Double() is { } leftNumber && b.Double() is { } rightNumber)
            {
                return leftNumber.CompareTo(rightNumber);
            }

            if (a.Flag() is { } leftFlag && b.Flag() is { } rightFlag)
            {
                return leftFlag.CompareTo(rightFlag);
            }
        }

        throw new FormatException("incompatible types for comparison");
    }
}
