using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>
/// Estimates the worst-case cost of an expression from the largest values that the schema allows. It follows CEL's cost
/// model, so that it refuses a rule exactly when the real API does.
/// </summary>
internal sealed class CelCostEstimator
{
    private static readonly CelCostRange One = CelCostRange.Fixed(1);

    private readonly CelCheckedExpression _expression;
    private readonly CelDeclaration _root;
    private readonly Dictionary<CelExpression, IReadOnlyList<string>?> _paths = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CelExpression, CelCostRange> _sizes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CelExpression, CelEntrySize> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<CelCostVariable> _variables = new();

    private CelCostEstimator(CelCheckedExpression expression, CelDeclaration root)
    {
        _expression = expression;
        _root = root;
    }

    /// <summary>The maximum cost of one evaluation; <paramref name="root"/> declares <c>self</c>.</summary>
    public static ulong Estimate(CelProgram program, CelDeclaration root) =>
        new CelCostEstimator(program.Expression, root).Cost(program.Expression.Root).Max;

    internal CelType TypeOf(CelExpression node) => _expression.Types[node];

    internal CelCostRange SizeOf(CelExpression node) => FindSize(node) ?? CelCostRange.Unknown;

    internal CelEntrySize? EntriesOf(CelExpression node) =>
        _entries.TryGetValue(node, out var known) ? known
        : node is Identifier identifier ? Find(identifier.Name)?.Entries
        : null;

    /// <summary>The size of the items of a list, if the schema bounds it.</summary>
    internal CelCostRange ItemSizeOf(CelExpression list) =>
        Path(list) is { } path
            ? CelSizes.Declared(_root, [.. path, "@items"]) ?? CelCostRange.Unknown
            : CelCostRange.Unknown;

    internal void SetEntries(CelExpression node, CelEntrySize? entries)
    {
        if (entries is not null)
        {
            _entries[node] = entries;
        }
    }

    private CelCostRange Cost(CelExpression node)
    {
        switch (node)
        {
            case Identifier identifier:
                _paths[node] = Find(identifier.Name) is { } variable ? variable.Path : [identifier.Name];
                return One;
            case Select select:
                return CostOfSelect(select);
            case Call call:
                return CostOfCall(call);
            case CreateList list:
                return CostOfList(list);
            case CreateMap map:
                return CostOfMap(map);
            case Comprehension fold:
                return fold.IsBinding ? CostOfBinding(fold) : CostOfFold(fold);
            default:
                return default;
        }
    }

    private CelCostVariable? Find(string name) => _variables.FirstOrDefault(variable => variable.Name == name);

    private IReadOnlyList<string>? Path(CelExpression node) =>
        node is Identifier identifier && Find(identifier.Name) is { } variable
            ? variable.Path
            : _paths.GetValueOrDefault(node);

    private CelCostRange? FindSize(CelExpression node)
    {
        if (_sizes.TryGetValue(node, out var known))
        {
            return known;
        }

        return CelSizes.OfLiteral(node)
            ?? (Path(node) is { Count: > 0 } path ? CelSizes.Declared(_root, path) : default)
            ?? (CelSizes.IsScalar(TypeOf(node)) ? One : default(CelCostRange?))
            ?? (node is Identifier identifier ? Find(identifier.Name)?.Size : null);
    }

    private CelCostRange CostOfSelect(Select select)
    {
        if (!_expression.Types.ContainsKey(select.Operand))
        {
            // A qualified name: the checker did not visit its parts.
            _paths[select] = [select.Field];
            return One;
        }

        var cost = Cost(select.Operand);
        if (select.IsTest)
        {
            return cost;
        }

        _paths[select] = [.. Path(select.Operand) ?? [], select.Field];
        return TypeOf(select.Operand).Kind is CelTypeKind.Map or CelTypeKind.Object or CelTypeKind.Parameter
            ? cost.Plus(One)
            : cost;
    }

    private CelCostRange CostOfCall(Call call)
    {
        var arguments = call.Arguments.Select(Cost).ToList();
        if (call.Function == "dyn")
        {
            Copy(call.Arguments[0], call);
            return arguments[0].Plus(One);
        }

        var overloads = _expression.Overloads[call];
        var isMethod = call.Target is not null && overloads.Count > 0 && overloads[0].IsMethod;
        var receiver = isMethod ? Cost(call.Target!) : default;
        if (overloads.Count == 0)
        {
            return arguments.Aggregate(One, (sum, argument) => sum.Plus(argument));
        }

        CelCostRange? cost = null;
        CelCostRange? size = null;
        foreach (var overload in overloads)
        {
            var (own, result) = CelCallCosts.Estimate(this, call, overload, arguments);
            cost = cost?.Union(own) ?? own;
            size = result is null ? size : size?.Union(result.Value) ?? result;
            TrackIndex(call, overload, ref size);
            size ??= FindSize(call);
        }

        if (size is not null)
        {
            _sizes[call] = size.Value;
        }

        return receiver.Plus(cost!.Value);
    }

    private void TrackIndex(Call call, CelOverload overload, ref CelCostRange? size)
    {
        if (overload.Function != "_[_]" || overload.Parameters[0].Kind is not (CelTypeKind.List or CelTypeKind.Map))
        {
            return;
        }

        size = EntriesOf(call.Arguments[0])?.Value;
        _paths[call] =
        [
            .. Path(call.Arguments[0]) ?? [],
            overload.Parameters[0].Kind == CelTypeKind.List ? "@items" : "@values",
        ];
    }

    private void Copy(CelExpression from, CelExpression to)
    {
        if (FindSize(from) is { } size)
        {
            _sizes[to] = size;
        }

        SetEntries(to, EntriesOf(from));
    }

    private CelCostRange CostOfList(CreateList list)
    {
        var cost = CelCostRange.Fixed(10);
        foreach (var element in list.Elements)
        {
            cost = cost.Plus(Cost(element));
        }

        SetEntries(list, new CelEntrySize(IsList: true, One, Range(list.Elements)));
        return cost;
    }

    private CelCostRange CostOfMap(CreateMap map)
    {
        var cost = CelCostRange.Fixed(30);
        foreach (var entry in map.Entries)
        {
            cost = cost.Plus(Cost(entry.Key)).Plus(Cost(entry.Value));
        }

        SetEntries(
            map,
            new CelEntrySize(
                IsList: false,
                Range(map.Entries.Select(entry => entry.Key)),
                Range(map.Entries.Select(entry => entry.Value))));
        return cost;
    }

    private CelCostRange Range(IEnumerable<CelExpression> nodes)
    {
        var sizes = nodes.Select(SizeOf).ToList();
        return sizes.Count == 0 ? default : sizes.Aggregate((left, right) => left.Union(right));
    }

    private CelCostRange CostOfBinding(Comprehension fold)
    {
        var cost = Cost(fold.Range).Plus(Cost(fold.Initial));
        _variables.Push(Named(fold.Accumulator, fold.Initial));
        cost = cost.Plus(Cost(fold.Result));
        _variables.Pop();
        Copy(fold.Result, fold);
        return cost;
    }

    private CelCostVariable Named(string name, CelExpression value) =>
        new(name, Path(value), FindSize(value), EntriesOf(value));

    private CelCostRange CostOfFold(Comprehension fold)
    {
        var cost = Cost(fold.Range).Plus(Cost(fold.Initial));
        _variables.Push(Named(fold.Accumulator, fold.Initial));
        PushVariables(fold);
        var iteration = Cost(fold.Condition).Plus(Cost(fold.Step));
        _variables.Pop();
        if (fold.SecondVariable is not null)
        {
            _variables.Pop();
        }

        cost = cost.Plus(Cost(fold.Result));
        _variables.Pop();
        var count = SizeOf(fold.Range);
        if (fold.Initial is Literal)
        {
            _sizes[fold] = FindSize(fold.Initial) ?? One;
        }
        else if (fold.Initial is CreateList or CreateMap)
        {
            _sizes[fold] = count;
            SetEntries(fold, EntriesOf(fold.Step));
        }

        return cost.Plus(count.Times(iteration));
    }

    private void PushVariables(Comprehension fold)
    {
        var entries = EntriesOf(fold.Range);
        var isList = entries?.IsList ?? TypeOf(fold.Range).Kind == CelTypeKind.List;
        IReadOnlyList<string> path = Path(fold.Range) ?? [];
        CelCostVariable Keys(string name) => new(name, [.. path, isList ? "@indices" : "@keys"], entries?.Key, null);
        CelCostVariable Values(string name) =>
            new(name, [.. path, isList ? "@items" : "@values"], entries?.Value, null);
        if (fold.SecondVariable is { } second)
        {
            _variables.Push(Keys(fold.Variable));
            _variables.Push(Values(second));
        }
        else
        {
            _variables.Push(isList ? Values(fold.Variable) : Keys(fold.Variable));
        }
    }
}

/// <summary>The minimum and maximum of a size or cost. Sums and products saturate.</summary>
internal readonly record struct CelCostRange(ulong Min, ulong Max)
{
    public static CelCostRange Unknown { get; } = new(0, ulong.MaxValue);

    public static CelCostRange Fixed(ulong value) => new(value, value);

    public CelCostRange Plus(CelCostRange other) => new(Add(Min, other.Min), Add(Max, other.Max));

    public CelCostRange Times(CelCostRange other) => new(Multiply(Min, other.Min), Multiply(Max, other.Max));

    /// <summary>Rounded up.</summary>
    public CelCostRange Times(double factor) => new(Scale(Min, factor), Scale(Max, factor));

    public CelCostRange Union(CelCostRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

    private static ulong Add(ulong left, ulong right) => left > ulong.MaxValue - right ? ulong.MaxValue : left + right;

    private static ulong Multiply(ulong left, ulong right) =>
        right != 0 && left > ulong.MaxValue / right ? ulong.MaxValue : left * right;

    private static ulong Scale(ulong value, double factor)
    {
        var scaled = Math.Ceiling(value * factor);
        return scaled >= 18446744073709551616.0 ? ulong.MaxValue : (ulong)scaled;
    }
}

/// <summary>The facts about a comprehension variable for cost estimation.</summary>
/// <param name="Path">The path from the schema's root; null if there is none.</param>
internal sealed record CelCostVariable(
    string Name, IReadOnlyList<string>? Path, CelCostRange? Size, CelEntrySize? Entries);

/// <summary>The sizes of the keys and values of a container.</summary>
internal sealed record CelEntrySize(bool IsList, CelCostRange Key, CelCostRange Value)
{
    public static CelEntrySize? Union(CelEntrySize? left, CelEntrySize? right) =>
        left is null || right is null
            ? null
            : new CelEntrySize(left.IsList, left.Key.Union(right.Key), left.Value.Union(right.Value));
}
