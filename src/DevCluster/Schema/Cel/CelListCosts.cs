using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>
/// What the list and set libraries cost: they make new lists, and compare all with all where they sort or seek
/// duplicates.
/// </summary>
internal static class CelListCosts
{
    private static readonly CelCostRange One = CelCostRange.Fixed(1);

    private static readonly CelCostRange NewList = CelCostRange.Fixed(10);

    public static (CelCostRange Cost, CelCostRange? Size)? Of(
        CelCostEstimator estimator, CelOverload overload, IReadOnlyList<CelExpression> operands)
    {
        CelCostRange Size(int index) => estimator.SizeOf(operands[index]);
        switch (overload.Function)
        {
            case "slice":
                return Allocating(
                    1, CelCostRange.Fixed(unchecked(LiteralOr(operands[2], Size(0).Max) - LiteralOr(operands[1], 0))));
            case "lists.range":
                return Allocating(1, CelCostRange.Fixed(LiteralOr(operands[0], ulong.MaxValue)));
            case "reverse":
                return Allocating(1, Size(0));
            case "flatten":
                return Allocating(operands.Count > 1 ? LiteralOr(operands[1], ulong.MaxValue) : 1, Size(0));
            case "distinct":
                return Allocating(2, Size(0).Times(Size(0)));
            case "sort":
                return Allocating(ComparisonFactor(estimator.TypeOf(operands[0])), Size(0).Times(Size(0)));
            case "@sortByAssociatedKeys":
                return Allocating(ComparisonFactor(estimator.TypeOf(operands[1])), Size(1).Times(Size(1)));
            case "sets.contains" or "sets.intersects":
                return (Size(0).Times(Size(1)).Plus(One), null);
            case "sets.equivalent":
                return (Size(0).Times(Size(1)).Times(2.0).Plus(One), null);
            default:
                return null;
        }
    }

    private static (CelCostRange Cost, CelCostRange? Size) Allocating(double factor, CelCostRange size) =>
        (size.Times(factor).Plus(One).Plus(NewList), size);

    private static ulong LiteralOr(CelExpression node, ulong fallback) =>
        node is Literal { Value: long value and >= 0 } ? (ulong)value : fallback;

    /// <summary>Texts are compared character by character.</summary>
    private static double ComparisonFactor(CelType list) =>
        list.Parameters is [{ Kind: CelTypeKind.String or CelTypeKind.Bytes }] ? 2.1 : 2;
}
