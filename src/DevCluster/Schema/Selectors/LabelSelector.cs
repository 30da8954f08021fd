using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;

namespace DevCluster.Schema.Selectors;

/// <summary>A label selector in its text form: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k,l&gt;1</c>.</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> _requirements;

    private LabelSelector(List<Requirement> requirements) => _requirements = requirements;

    public bool IsEmpty => _requirements.Count == 0;

    /// <exception cref="ApiStatusException">400: the text is no selector.</exception>
    public static LabelSelector Parse(string text) => new(new LabelSelectorParser(text).Parse());

    public bool Matches(JsonObject content) =>
        IsEmpty
        || _requirements.TrueForAll(requirement => requirement.Matches(content["metadata"]?["labels"] as JsonObject));

    /// <summary>One term: a key, an operator, and its values.</summary>
    internal sealed record Requirement(string Key, string Operator, IReadOnlyList<string> Values)
    {
        public bool Matches(JsonObject? labels)
        {
            var value = labels is not null && labels.TryGetPropertyValue(Key, out var node)
                ? (string?)node ?? ""
                : null;
            return Operator switch
            {
                "exists" => value is not null,
                "!" => value is null,
                "in" => value is not null && Values.Contains(value),
                "notin" => value is null || !Values.Contains(value),
                ">" => Number(value) is { } number && number > Number(Values[0]),
                _ => Number(value) is { } number && number < Number(Values[0]),
            };
        }

        private static long? Number(string? text) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
    }
}
