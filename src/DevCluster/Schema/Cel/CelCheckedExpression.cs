using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>An expression that passed the type check.</summary>
/// <param name="Overloads">For every call the overloads that its arguments' types allow: one, unless a type is
/// dyn.</param>
/// <param name="UsedVariables">The declared variables that it mentions.</param>
internal sealed record CelCheckedExpression(
    CelExpression Root,
    IReadOnlyDictionary<CelExpression, CelType> Types,
    IReadOnlyDictionary<Call, IReadOnlyList<CelOverload>> Overloads,
    IReadOnlySet<string> UsedVariables)
{
    public CelType ResultType => Types[Root];
}
