using k8s.Models;

namespace Dynospace.Planning;

/// <summary>Evaluates label selectors as the API server does.</summary>
public static class LabelSelectors
{
    /// <summary>Whether a selector matches these labels.</summary>
    public static bool Matches(V1LabelSelector selector, IReadOnlyDictionary<string, string> labels) =>
        (selector.MatchLabels is not { } wanted
            || wanted.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value))
        && (selector.MatchExpressions ?? []).All(expression => Matches(expression, labels));

    private static bool Matches(V1LabelSelectorRequirement expression, IReadOnlyDictionary<string, string> labels)
    {
        var exists = labels.TryGetValue(expression.Key, out var value);
        return expression.OperatorProperty switch
        {
            "In" => exists && expression.Values.Contains(value!),
            "NotIn" => !exists || !expression.Values.Contains(value!),
            "Exists" => exists,
            "DoesNotExist" => !exists,
            _ => false,
        };
    }
}
