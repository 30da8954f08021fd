using System.Collections.Immutable;

namespace Dynospace.Reachability.Compilation;

/// <summary>One condition on labels.</summary>
internal sealed record LabelRequirement(string Key, LabelOperator Operator, ImmutableArray<string> Values)
{
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
}
