using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Printing;

/// <summary>Evaluates a filter for one item. Only values of one kind compare, as in the real engine.</summary>
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
