using System.Text.RegularExpressions;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Reads the path of a rule or selectable field: <c>.spec.name</c>, <c>.data['key']</c>.</summary>
internal static partial class RuleFieldPath
{
    /// <summary>The path below <paramref name="schema"/> and what it leads to, if it leads anywhere.</summary>
    public static bool TryResolve(
        string text,
        TypeSchema schema,
        bool allowBrackets,
        out FieldPath path,
        out TypeSchema found,
        out string problem)
    {
        path = FieldPath.Root;
        found = schema;
        problem = "";
        var at = 0;
        while (at < text.Length && problem.Length == 0)
        {
            var step = Step().Match(text, at);
            var isBracket = text[at] == '[';
            problem = isBracket && !allowBrackets ? "array notation is not allowed"
                : !step.Success ? Malformed(text, at)
                : !TryEnter(isBracket ? Unescape(step.Groups[2].Value) : step.Groups[1].Value, ref path, ref found)
                    ? "does not refer to a valid field"
                    : "";
            at += step.Length;
        }

        return problem.Length == 0;
    }

    private static string Malformed(string text, int at) => text[at] switch
    {
        '.' => "unexpected end of JSON path",
        '[' =>
            at + 1 >= text.Length
                ? "unexpected end of JSON path"
                : $"expected single quoted string but got {Word().Match(text, at + 1).Value}",
        _ => $"expected [ or . but got: {Word().Match(text, at).Value}",
    };

    private static bool TryEnter(string name, ref FieldPath path, ref TypeSchema schema)
    {
        if (schema.Properties.Count > 0)
        {
            if (!schema.Properties.TryGetValue(name, out var property))
            {
                return false;
            }

            path = path[name];
            schema = property;
            return true;
        }

        if (schema.AdditionalProperties is null)
        {
            return false;
        }

        path = path.Key(name);
        schema = schema.AdditionalProperties;
        return true;
    }

    private static string Unescape(string quoted) => Escape().Replace(quoted, match => match.Value[1].ToString());

    [GeneratedRegex(@"\G(?:\.([^.\[\]]+)|\['((?:[^'\\]|\\.)*)'\])")]
    private static partial Regex Step();

    [GeneratedRegex(@"\G[^.\[\]]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\\.")]
    private static partial Regex Escape();
}
