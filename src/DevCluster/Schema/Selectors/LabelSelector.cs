// Selectors: label selectors in queries and in objects.

using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Selectors;

/// <summary>
/// Selects objects by their labels. Both forms, the text of a query (<c>a=b,c in (d,e),!f</c>) and meta/v1
/// LabelSelector, are converted to the same requirements.
/// </summary>
internal sealed class LabelSelector
{
    private readonly List<LabelRequirement> _requirements;

    private LabelSelector(List<LabelRequirement> requirements) => _requirements = requirements;

    /// <summary>An empty selector selects everything.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <exception cref="ApiStatusException">400: the selector is invalid.</exception>
    public static LabelSelector Parse(string text) => new(new LabelSelectorParser(text).Parse());

    /// <summary>Reads a meta/v1 LabelSelector.</summary>
    public static LabelSelector FromJson(JsonNode? selector) => new(
    [
        .. (selector.Map("matchLabels") ?? []).Select(
            label => LabelRequirement.Equal(label.Key, label.Value.TextOrEmpty())),
        .. selector.Items("matchExpressions").Select(LabelRequirement.FromJson),
    ]);

    /// <summary>Whether a meta/v1 LabelSelector matches labels; a missing selector matches nothing.</summary>
    public static bool Selects(JsonObject? selector, JsonObject? labels) =>
        selector is not null && FromJson(selector).Matches(labels);

    /// <summary>Whether a map of labels, as in Services and node selectors, matches labels.</summary>
    public static bool MapSelects(JsonObject? required, JsonObject? labels)
    {
        foreach (var (key, value) in required ?? [])
        {
            if (labels.Text(key) is not { } actual || actual != value.Text())
            {
                return false;
            }
        }

        return true;
    }

    public bool Matches(JsonObject? labels) => _requirements.TrueForAll(requirement => requirement.Matches(labels));

    /// <summary>The selector in kubectl's notation, ordered by key; empty for the selector of everything.</summary>
    public override string ToString() =>
        string.Join(',', _requirements.OrderBy(requirement => requirement.Key, StringComparer.Ordinal));
}

/// <summary>One requirement: a key, an operator of meta/v1 LabelSelector or of node affinity, and its values.</summary>
internal sealed record LabelRequirement(string Key, string Operator, IReadOnlyList<string> Values)
{
    /// <summary>An entry of <c>matchLabels</c>, for which meta/v1 has no operator.</summary>
    private const string EqualTo = "=";

    public static LabelRequirement Equal(string key, string value) => new(key, EqualTo, [value]);

    public static LabelRequirement FromJson(JsonObject requirement) => new(
        requirement.TextOrEmpty("key"), requirement.TextOrEmpty("operator"), requirement.Texts("values"));

    public bool Matches(JsonObject? labels)
    {
        var value = labels.Text(Key);
        return Operator switch
        {
            EqualTo or "In" => value is not null && Values.Contains(value),
            "NotIn" => value is null || !Values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Number(value) > Number(Bound),
            "Lt" => Number(value) < Number(Bound),
            _ => false,
        };
    }

    private string? Bound => Values is [var bound, ..] ? bound : null;

    public override string ToString()
    {
        var values = string.Join(',', Values.Order(StringComparer.Ordinal));
        return Operator switch
        {
            EqualTo => $"{Key}={values}",
            "In" => $"{Key} in ({values})",
            "NotIn" => $"{Key} notin ({values})",
            "Exists" => Key,
            _ => $"!{Key}",
        };
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
