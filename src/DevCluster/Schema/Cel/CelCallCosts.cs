using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>The worst-case cost of a function overload, and the size of its result.</summary>
internal static class CelCallCosts
{
    private const double PerCharacter = 0.1;
    private const double PerPatternCharacter = 0.25;
    private const int LongestNamedPattern = 128;

    private static readonly CelCostRange One = CelCostRange.Fixed(1);

    /// <summary>The cost includes that of the arguments, but not of the receiver.</summary>
    public static (CelCostRange Cost, CelCostRange? Size) Estimate(
        CelCostEstimator estimator, Call call, CelOverload overload, IReadOnlyList<CelCostRange> arguments)
    {
        var operands = overload.IsMethod ? [call.Target!, .. call.Arguments] : call.Arguments;
        if (overload.Function is "_&&_" or "_||_")
        {
            return (new CelCostRange(arguments[0].Min, arguments[0].Plus(arguments[1]).Max), null);
        }

        if (overload.Function == "_?_:_")
        {
            estimator.SetEntries(
                call,
                CelEntrySize.Union(estimator.EntriesOf(call.Arguments[1]), estimator.EntriesOf(call.Arguments[2])));
            return (arguments[0].Plus(arguments[1].Union(arguments[2])), estimator.SizeOf(call.Arguments[1])
                .Union(estimator.SizeOf(call.Arguments[2])));
        }

        var (cost, size) = OwnCost(estimator, call, overload, operands);
        return (arguments.Aggregate(cost, (sum, argument) => sum.Plus(argument)), size);
    }

    private static (CelCostRange Cost, CelCostRange? Size) OwnCost(
        CelCostEstimator estimator, Call call, CelOverload overload, IReadOnlyList<CelExpression> operands)
    {
        CelCostRange Size(int index) => estimator.SizeOf(operands[index]);
        switch (overload.Function)
        {
            case "isSorted" or "sum" or "max" or "min" or "indexOf" or "lastIndexOf":
                return (OfTraversal(estimator, operands[0]), null);
            case "url" or "lowerAscii" or "upperAscii" or "substring" or "trim":
                return (Size(0).Times(PerCharacter), Size(0));
            case "replace":
                return (Size(0).Times(2 * PerCharacter), SizeOfReplaced(Size(0), Size(1), Size(2)));
            case "split":
                return (Size(0).Times(
                    2 * PerCharacter), new CelCostRange(
                        0, operands is [_, _, Literal { Value: long limit }] ? (ulong)limit : Size(0).Max));
            case "join":
                var joined = SizeOfJoined(estimator, operands);
                return (joined.Times(PerCharacter), joined);
            case "find" or "findAll":
                return (OfPattern(Size(0), Size(1)), new CelCostRange(0, Size(0).Max));
            case "matches" when overload.IsMethod:
                return (OfPattern(Size(0), Size(1)), null);
            case "cidr" or "isIP" or "isCIDR" or "quantity" or "isQuantity" or "semver" or "isSemver":
            case "ip" when !overload.IsMethod:
                return (Size(0).Times(PerCharacter), null);
            case "ip.isCanonical":
                return (Size(0).Times(2 * PerCharacter), null);
            case "containsIP" or "containsCIDR":
                return (OfContainment(estimator, overload, operands), null);
            case "validate":
                return (Size(1).Times(PerCharacter).Times(LongestNamedPattern * PerPatternCharacter), null);
            case "format":
                return (Size(0).Times(PerCharacter), null);
            case "bytes" when overload.Parameters[0].Kind == CelTypeKind.String:
                return (Size(0).Times(
                    PerCharacter), new CelCostRange(Size(0).Min, Size(0).Times(CelCostRange.Fixed(4)).Max));
            case "string" when overload.Parameters[0].Kind == CelTypeKind.Bytes:
                return (Size(0).Times(PerCharacter), new CelCostRange(Size(0).Min / 4, Size(0).Max));
            case "strings.quote":
                return (Size(0).Times(
                    PerCharacter), new CelCostRange(Size(0).Min, Size(0).Times(CelCostRange.Fixed(2)).Max).Plus(
                        CelCostRange.Fixed(2)));
            case "startsWith" or "endsWith":
                return (Size(1).Times(PerCharacter), null);
            case "@in" when overload.Parameters[1].Kind == CelTypeKind.List:
                return (Size(1), null);
            case "contains" when overload.IsMethod:
                return (Size(0).Times(PerCharacter).Times(Size(1).Times(PerCharacter)), null);
            case "_+_" when overload.Parameters[0].Kind is CelTypeKind.String or CelTypeKind.Bytes or CelTypeKind.List:
                return OfConcatenation(estimator, call, overload);
            case "_<_" or "_<=_" or "_>_"
                or "_>=_" when overload.Parameters[0].Kind is CelTypeKind.String or CelTypeKind.Bytes:
            case "_==_" or "_!=_":
                return (OfComparison(estimator, overload, operands), null);
            default:
                return CelListCosts.Estimate(estimator, overload, operands) ?? (One, null);
        }
    }

    private static CelCostRange OfTraversal(CelCostEstimator estimator, CelExpression target)
    {
        var size = estimator.SizeOf(target);
        if (estimator.TypeOf(target) is not { Kind: CelTypeKind.List } list)
        {
            return size.Times(PerCharacter);
        }

        var isText = list.Parameters[0].Kind is CelTypeKind.String or CelTypeKind.Bytes;
        return size.Times(isText ? One.Plus(estimator.ItemSizeOf(target).Times(PerCharacter)) : One);
    }

    /// <summary>The length is increased by one, so that an expensive pattern on an empty string is not free.</summary>
    private static CelCostRange OfPattern(CelCostRange text, CelCostRange pattern) =>
        text.Plus(One).Times(PerCharacter).Times(pattern.Times(PerPatternCharacter));

    private static CelCostRange OfContainment(
        CelCostEstimator estimator, CelOverload overload, IReadOnlyList<CelExpression> operands)
    {
        var address = new CelCostRange(4, 16);
        var cost = address.Plus(address).Times(PerCharacter);
        if (overload.Function == "containsCIDR")
        {
            cost = cost.Plus(address.Times(PerCharacter)).Plus(One);
        }

        return overload.Parameters[1].Kind == CelTypeKind.String
            ? cost.Plus(estimator.SizeOf(operands[1]).Times(PerCharacter))
            : cost;
    }

    private static (CelCostRange Cost, CelCostRange? Size) OfConcatenation(
        CelCostEstimator estimator, Call call, CelOverload overload)
    {
        var (left, right) = (call.Arguments[0], call.Arguments[1]);
        var size = estimator.SizeOf(left).Plus(estimator.SizeOf(right));
        estimator.SetEntries(call, CelEntrySize.Union(estimator.EntriesOf(left), estimator.EntriesOf(right)));
        return (overload.Parameters[0].Kind == CelTypeKind.List ? One : size.Times(PerCharacter), size);
    }

    private static CelCostRange OfComparison(
        CelCostEstimator estimator, CelOverload overload, IReadOnlyList<CelExpression> operands)
    {
        var type = estimator.TypeOf(operands[0]);
        if (overload.Function == "_==_" && estimator.TypeOf(operands[1]).IsExactly(type))
        {
            if (type == CelType.Ip || type == CelType.Cidr || type == CelType.Quantity || type == CelType.Semver)
            {
                return One;
            }
        }

        var most = Math.Min(estimator.SizeOf(operands[0]).Max, estimator.SizeOf(operands[1]).Max);
        return new CelCostRange(most > 0 ? 1UL : 0, most).Times(PerCharacter);
    }

    private static CelCostRange SizeOfReplaced(CelCostRange text, CelCostRange old, CelCostRange fresh)
    {
        CelCostRange count = default;
        CelCostRange kept = default;
        (count, kept) = old.Min == 0
            ? (count with { Max = text.Max < ulong.MaxValue ? text.Max + 1 : text.Max }, kept with { Max = text.Max })
                : fresh.Max <= old.Min ? (count, kept with { Max = text.Max })
                : (count with
                {
                    Max = (ulong)Math.Min(Math.Ceiling((double)text.Max / old.Min), ulong.MaxValue),
                }, kept);
        (count, kept) = old.Max == 0
            ? (count with { Min = text.Min < ulong.MaxValue ? text.Min + 1 : text.Min }, kept with { Min = text.Min })
                : old.Max <= fresh.Min ? (count, kept with { Min = text.Min })
                : (count with { Min = (ulong)Math.Ceiling((double)text.Min / old.Max) }, kept);
        return count.Times(fresh).Plus(kept);
    }

    private static CelCostRange SizeOfJoined(CelCostEstimator estimator, IReadOnlyList<CelExpression> operands)
    {
        var list = estimator.SizeOf(operands[0]);
        var size = list.Times(estimator.ItemSizeOf(operands[0]));
        var separators = new CelCostRange(list.Min > 0 ? list.Min - 1 : 0, list.Max > 0 ? list.Max - 1 : 0);
        return operands.Count > 1 ? size.Plus(estimator.SizeOf(operands[1]).Times(separators)) : size;
    }
}

/// <summary>
/// The costs of the list and set libraries: they create new lists, and compare all pairs of items to sort or to find
/// duplicates.
/// </summary>
internal static class CelListCosts
{
    private static readonly CelCostRange One = CelCostRange.Fixed(1);

    private static readonly CelCostRange NewList = CelCostRange.Fixed(10);

    public static (CelCostRange Cost, CelCostRange? Size)? Estimate(
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

    /// <summary>Strings are compared character by character.</summary>
    private static double ComparisonFactor(CelType list) =>
        list.Parameters is [{ Kind: CelTypeKind.String or CelTypeKind.Bytes }] ? 2.1 : 2;
}

/// <summary>Sizes known without evaluation: from literals, types and declarations.</summary>
internal static class CelSizes
{
    public static CelCostRange? OfLiteral(CelExpression node) => node switch
    {
        Literal literal => CelCostRange.Fixed((ulong)(CelValues.Size(literal.Value) ?? 1)),
        CreateList list => CelCostRange.Fixed((ulong)list.Elements.Count),
        CreateMap map => CelCostRange.Fixed((ulong)map.Entries.Count),
        _ => null,
    };

    public static bool IsScalar(CelType type) => type.Kind
        is CelTypeKind.Bool or CelTypeKind.Double or CelTypeKind.Duration or CelTypeKind.Int or CelTypeKind.Timestamp
            or CelTypeKind.Uint
        || (type.IsOptional && IsScalar(type.Parameters[0]));

    /// <summary>The first step of a path is a variable, and all variables have the same declaration.</summary>
    public static CelCostRange? Declared(CelDeclaration root, IReadOnlyList<string> path)
    {
        CelDeclaration? declaration = root;
        foreach (var step in path.Skip(1))
        {
            declaration = step switch
            {
                "@items" or "@values" => declaration.Element,
                "@keys" => declaration.Key,
                _ => declaration.Fields.GetValueOrDefault(step),
            };
            if (declaration is null)
            {
                return null;
            }
        }

        return new CelCostRange(0, (ulong)declaration.MostElements);
    }
}
