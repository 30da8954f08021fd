using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Selectors;

/// <summary>Matches labels against the selectors of the API.</summary>
internal static class LabelSelectors
{
    /// <summary>meta/v1 LabelSelector; an empty one matches everything, a missing one nothing.</summary>
    public static bool Matches(JsonObject? selector, JsonObject? labels) =>
        selector is not null
        && MatchesAll(selector.Map("matchLabels"), labels)
        && selector.Items("matchExpressions")
            .All(requirement => Meets(requirement, requirement.Text("key") ?? "", labels));

    /// <summary>A plain map of labels, as services and node selectors are.</summary>
    public static bool MatchesAll(JsonObject? wanted, JsonObject? labels)
    {
        foreach (var (key, value) in wanted ?? [])
        {
            if (labels.Text(key) is not { } actual || actual != value.Text())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One requirement of a selector, of labels or of nodes.</summary>
    public static bool Meets(JsonObject requirement, string key, JsonObject? labels)
    {
        var actual = labels.Text(key);
        var values = requirement.Texts("values");
        return requirement.Text("operator") switch
        {
            "In" => actual is not null && values.Contains(actual),
            "NotIn" => actual is null || !values.Contains(actual),
            "Exists" => actual is not null,
            "DoesNotExist" => actual is null,
            "Gt" => Compare(actual, (values is [var one, ..] ? one : null)) > 0,
            "Lt" => Compare(actual, (values is [var one, ..] ? one : null)) < 0,
            _ => false,
        };
    }

    private static int Compare(string? left, string? right) =>
        long.TryParse(left, CultureInfo.InvariantCulture, out var a)
        && long.TryParse(right, CultureInfo.InvariantCulture, out var b)
            ? a.CompareTo(b)
            : 0;
}
