using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Printing;

/// <summary>
/// The JSONPath of kubectl and of printer columns: fields, quoted keys, indexes and slices, wildcards, unions,
/// recursive descent and filters such as <c>.status.conditions[?(@.type=="Ready")].status</c>. Missing keys find
/// nothing.
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

    /// <exception cref="FormatException">The expression is no JSONPath; the message says why.</exception>
    public static JsonPath Parse(string text) => new(text, new JsonPathParser(text).Parse());

    /// <summary>
    /// What the path finds, in order. A null among them is a JSON null that is present.
    /// </summary>
    /// <exception cref="FormatException">The path does not suit the value: an index out of range, a filter on an
    /// object.</exception>
    public IReadOnlyList<JsonNode?> Find(JsonNode? root) => Walk(_steps, [root]);

    /// <summary>The first thing found; false when there is none or the path does not suit the value.</summary>
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
