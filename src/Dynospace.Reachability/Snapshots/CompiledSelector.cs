using System.Collections.Immutable;
using k8s.Models;

namespace Dynospace.Reachability.Snapshots;

/// <summary>A label selector. One without requirements selects everything.</summary>
public sealed class CompiledSelector(ImmutableArray<LabelRequirement> requirements)
{
    /// <summary>Selects everything.</summary>
    public static CompiledSelector Everything { get; } = new([]);

    /// <summary>
    /// The same text for selectors with the same requirements, in whatever order. Keys and values of labels hold no
    /// character that separates them here.
    /// </summary>
    public string CanonicalText { get; } = string.Join(
        '&', requirements.Select(requirement => requirement.ToString()).Distinct().Order(StringComparer.Ordinal));

    /// <summary>Whether the labels meet every requirement.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    internal static CompiledSelector Compile(V1LabelSelector? selector, ObjectField field) => new(
    [
        .. Labels(selector?.MatchLabels),
        .. (selector?.MatchExpressions ?? []).Select((expression, index) =>
            Expression(expression, field.Child("matchExpressions").Item(index))),
    ]);

    /// <summary>The selector of a service, which knows equality only.</summary>
    public static CompiledSelector Compile(IDictionary<string, string> labels) => new([.. Labels(labels)]);

    private static IEnumerable<LabelRequirement> Labels(IDictionary<string, string>? labels) =>
        (labels ?? new Dictionary<string, string>())
            .Select(label => new LabelRequirement(label.Key, LabelOperator.In, [label.Value ?? string.Empty]));

    private static LabelRequirement Expression(V1LabelSelectorRequirement? expression, ObjectField field)
    {
        if (string.IsNullOrEmpty(expression?.Key))
        {
            throw field.Child("key").Invalid(null, "every expression needs a key");
        }

        var labelOperator = expression.OperatorProperty switch
        {
            "In" => LabelOperator.In,
            "NotIn" => LabelOperator.NotIn,
            "Exists" => LabelOperator.Exists,
            "DoesNotExist" => LabelOperator.DoesNotExist,
            var unknown => throw field.Child("operator").Invalid(
                unknown ?? string.Empty, "is not an operator; use In, NotIn, Exists or DoesNotExist"),
        };
        ImmutableArray<string> values = [.. expression.Values ?? []];
        var needsValues = labelOperator is LabelOperator.In or LabelOperator.NotIn;
        if (needsValues == values.IsEmpty)
        {
            throw field.Child("values").Invalid(
                needsValues ? null : string.Join(", ", values),
                needsValues
                    ? $"operator {labelOperator} needs values"
                    : $"must be empty with operator {labelOperator}");
        }

        return new(expression.Key, labelOperator, values);
    }
}

/// <summary>One condition on labels.</summary>
public sealed record LabelRequirement(string Key, LabelOperator Operator, ImmutableArray<string> Values)
{
    /// <summary>Whether the labels meet it; <c>NotIn</c> is met by labels without the key.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            LabelOperator.In => present && Values.Contains(value!),
            LabelOperator.NotIn => !present || !Values.Contains(value!),
            LabelOperator.Exists => present,
            _ => !present,
        };
    }

    /// <summary>The same text for the same values in whatever order.</summary>
    public override string ToString() =>
        $"{Key} {Operator} {string.Join(',', Values.Distinct().Order(StringComparer.Ordinal))}";
}

/// <summary>The four operators of Kubernetes' label selectors.</summary>
public enum LabelOperator
{
    /// <summary>The value is one of those given.</summary>
    In,
    /// <summary>The value is none of those given, or the key is missing.</summary>
    NotIn,
    /// <summary>The key is there, whatever its value.</summary>
    Exists,
    /// <summary>The key is missing.</summary>
    DoesNotExist,
}
