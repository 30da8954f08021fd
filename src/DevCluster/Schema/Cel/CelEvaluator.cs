using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>Evaluates a checked expression once and counts the cost.</summary>
internal sealed class CelEvaluator(CelCheckedExpression expression, Func<string, object?> variables, long costLimit)
{
    private const int ListCost = 10;
    private const int MapCost = 30;

    private CelBinding? _scope;

    public long Cost { get; private set; }

    /// <exception cref="CelCostException">The limit is exceeded.</exception>
    public object Evaluate() => Evaluate(expression.Root);

    private object Evaluate(CelExpression node) => node switch
    {
        Literal literal => literal.Value,
        Identifier identifier => EvaluateIdentifier(identifier.Name),
        Select select => EvaluateSelect(select),
        Call call => EvaluateCall(call),
        CreateList list => EvaluateList(list),
        CreateMap map => EvaluateMap(map),
        Comprehension fold => EvaluateFold(fold),
        _ => throw new InvalidOperationException($"Unchecked expression {node.GetType().Name}"),
    };

    private void Charge(long cost)
    {
        Cost = cost > long.MaxValue - Cost ? long.MaxValue : Cost + cost;
        if (Cost > costLimit)
        {
            throw new CelCostException();
        }
    }

    private object EvaluateIdentifier(string name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name)
            {
                // Accumulators exist only in macro expansions and are free.
                Charge(name == CelMacros.Accumulator ? 0 : 1);
                return scope.Value;
            }
        }

        Charge(1);
        var plain = name.TrimStart('.');
        return variables(plain)
            ?? (CelLibrary.TypeNames.TryGetValue(plain, out var type)
                ? CelTypeValue.FromType(type)
                : new CelError($"no such attribute(s): {plain}"));
    }

    private object EvaluateSelect(Select select)
    {
        if (!select.IsTest
            && select.QualifiedName is { } name
            && !expression.Types.ContainsKey(select.Operand))
        {
            // The checker resolved the whole name as a type or variable and did not visit its parts.
            return CelLibrary.TypeNames.TryGetValue(name, out var type)
                ? CelTypeValue.FromType(type)
                : EvaluateIdentifier(name);
        }

        var operand = Evaluate(select.Operand);
        Charge(select.IsTest ? 0 : 1);
        return select.IsTest ? CelFields.Has(operand, select.Field) : CelFields.Select(operand, select.Field);
    }

    private object EvaluateCall(Call call) => call.Function switch
    {
        "_&&_" => EvaluateLogical(call, decisive: false),
        "_||_" => EvaluateLogical(call, decisive: true),
        "_?_:_" => EvaluateConditional(call),
        "@not_strictly_false" => Evaluate(call.Arguments[0]) is not false,
        "_?._" => EvaluateOptionalSelect(call),
        "or" or "orValue" when call.Target is not null => EvaluateAlternative(call),
        _ => EvaluateStrict(call),
    };

    /// <summary>One operand that decides the result is enough, even if the other is an error.</summary>
    private object EvaluateLogical(Call call, bool decisive)
    {
        var left = Evaluate(call.Arguments[0]);
        if (left is bool first && first == decisive)
        {
            return decisive;
        }

        var right = Evaluate(call.Arguments[1]);
        if (right is bool second && second == decisive)
        {
            return decisive;
        }

        return left is CelError ? left
            : right is CelError ? right
            : left is bool && right is bool ? !decisive
            : CelError.NoSuchOverload;
    }

    private object EvaluateConditional(Call call) => Evaluate(call.Arguments[0]) switch
    {
        true => Evaluate(call.Arguments[1]),
        false => Evaluate(call.Arguments[2]),
        CelError error => error,
        _ => CelError.NoSuchOverload,
    };

    private object EvaluateOptionalSelect(Call call)
    {
        var operand = Evaluate(call.Arguments[0]);
        Charge(1);
        return CelFields.SelectOptional(operand, (string)((Literal)call.Arguments[1]).Value);
    }

    /// <summary><c>or</c> and <c>orValue</c> evaluate their argument only if the optional is empty.</summary>
    private object EvaluateAlternative(Call call)
    {
        var target = Evaluate(call.Target!);
        if (target is not CelOptional optional)
        {
            return target is CelError ? target : CelError.NoSuchOverload;
        }

        return !optional.HasValue ? Evaluate(call.Arguments[0])
            : call.Function == "or" ? optional
            : optional.Value!;
    }

    private object EvaluateStrict(Call call)
    {
        var overloads = expression.Overloads[call];
        var hasReceiver = call.Target is not null && overloads[0].IsMethod;
        var arguments = new object[call.Arguments.Count + (hasReceiver ? 1 : 0)];
        var at = 0;
        if (hasReceiver)
        {
            arguments[at++] = Evaluate(call.Target!);
        }

        foreach (var argument in call.Arguments)
        {
            arguments[at++] = Evaluate(argument);
        }

        foreach (var argument in arguments)
        {
            if (argument is CelError)
            {
                return argument;
            }
        }

        foreach (var overload in overloads)
        {
            if (overload.Accepts(arguments))
            {
                // Costs that are known in advance are charged first, so that a too expensive call does not run.
                Charge(CelRuntimeCost.Before(overload, arguments));
                var result = overload.Apply(arguments);
                Charge(CelRuntimeCost.After(overload, result));
                return result;
            }
        }

        return call.Function switch
        {
            "_[_]" when arguments[0] is not CelOptional => CelFields.Missing(arguments[0], arguments[1]),
            "_[?_]" when arguments[0] is not (CelOptional or CelList) => CelOptional.None,
            _ => CelError.NoSuchOverload,
        };
    }

    private object EvaluateList(CreateList list)
    {
        var items = new List<object>(list.Elements.Count);
        for (var i = 0; i < list.Elements.Count; i++)
        {
            var value = Evaluate(list.Elements[i]);
            if (value is CelError)
            {
                return value;
            }

            if (!list.Optionals.Contains(i))
            {
                items.Add(value);
            }
            else if (value is CelOptional { HasValue: true } optional)
            {
                items.Add(optional.Value!);
            }
        }

        Charge(ListCost);
        return new CelList(items);
    }

    private object EvaluateMap(CreateMap map)
    {
        var result = new CelDictionary();
        foreach (var entry in map.Entries)
        {
            var key = Evaluate(entry.Key);
            var value = Evaluate(entry.Value);
            if (key is CelError || value is CelError)
            {
                return key is CelError ? key : value;
            }

            if (entry.IsOptional)
            {
                if (value is not CelOptional { HasValue: true } optional)
                {
                    continue;
                }

                value = optional.Value!;
            }

            if (!CelDictionary.IsKey(key))
            {
                return new CelError($"unsupported key type: {CelValues.TypeName(key)}");
            }

            result.Set(key, value);
        }

        Charge(MapCost);
        return result;
    }

    private object EvaluateFold(Comprehension fold)
    {
        var range = Evaluate(fold.Range);
        if (range is not (CelList or CelMap))
        {
            return range is CelError
                ? range
                : new CelError($"got '{CelValues.TypeName(range)}', expected iterable type");
        }

        var outer = _scope;
        var accumulator = Evaluate(fold.Initial);
        foreach (var (first, second) in CelIteration.Over(range, fold.SecondVariable is not null))
        {
            var scope = new CelBinding(fold.Accumulator, accumulator, outer);
            scope = new CelBinding(fold.Variable, first, scope);
            _scope = fold.SecondVariable is { } name ? new CelBinding(name, second!, scope) : scope;
            if (Evaluate(fold.Condition) is false)
            {
                break;
            }

            accumulator = Evaluate(fold.Step);
        }

        _scope = new CelBinding(fold.Accumulator, accumulator, outer);
        var result = Evaluate(fold.Result);
        _scope = outer;
        return result;
    }
}

/// <summary>The value of a comprehension variable, and the outer bindings.</summary>
internal sealed record CelBinding(string Name, object Value, CelBinding? Outer);

/// <summary>
/// The cost of calls in the units of the real API: one for each step, and a tenth for each character read.
/// </summary>
internal static class CelRuntimeCost
{
    private const double PerCharacter = 0.1;
    private const double PerPatternCharacter = 0.25;

    /// <summary>The cost that depends on the size of the arguments.</summary>
    public static long Before(CelOverload overload, object[] arguments) => overload.Function switch
    {
        "startsWith" or "endsWith" => Characters(Size(arguments[1])),
        "contains" when overload.IsMethod => Characters(Size(arguments[0])) * Characters(Size(arguments[1])),
        "matches" or "find" or "findAll" =>
            Characters(Size(arguments[0]) + 1) * Math.Max(1, Ceiling(Size(arguments[1]) * PerPatternCharacter)),
        "@in" when arguments[1] is CelList list => list.Count,
        "_==_" or "_!=_" or "_<_" or "_<=_" or "_>_" or "_>=_" =>
            Characters(Math.Min(Size(arguments[0]), Size(arguments[1]))),
        "_+_" when arguments[0] is string or byte[] => Characters(Size(arguments[0]) + Size(arguments[1])),
        "isSorted" or "sum" or "max" or "min" or "indexOf" or "lastIndexOf" => Traversal(arguments[0]),
        "sort" or "@sortByAssociatedKeys" or "distinct" or "reverse" or "slice" or "flatten" => 1 + Size(arguments[0]),
        "sets.contains" or "sets.equivalent" or "sets.intersects" => 1 + (Size(arguments[0]) * Size(arguments[1])),
        "cel.@mapInsert" => 1 + Size(arguments[0]),
        "lists.range" => arguments[0] is long count ? Math.Clamp(count, 1, 1_000_000_000) : 1,
        "url" or "lowerAscii" or "upperAscii" or "substring" or "trim" or "cidr" or "isIP" or "isCIDR" or "ip"
            or "quantity" or "isQuantity" or "semver" or "isSemver" or "bytes" or "string" or "format" =>
                Characters(Size(arguments[0])),
        "replace" or "split" or "ip.isCanonical" => Characters(2 * Size(arguments[0])),
        "join" => 0,
        "check" => AuthorizerFunctions.CheckCost,
        _ => 1,
    };

    /// <summary>The cost that depends on the result.</summary>
    public static long After(CelOverload overload, object result) => overload.Function switch
    {
        "join" => Characters(2 * Size(result)),
        "replace" or "format" => Characters(Size(result)),
        _ => 0,
    };

    private static long Size(object value) => CelValues.Size(value) ?? 1;

    private static long Characters(long size) => Ceiling(size * PerCharacter);

    private static long Ceiling(double cost) => (long)Math.Ceiling(cost);

    private static long Traversal(object value) => value switch
    {
        string or byte[] => (long)(Size(value) * PerCharacter),
        CelList list => list.Sum(Traversal),
        CelMap map => map.Keys.Sum(key => Traversal(key) + Traversal(map.Find(key)!)),
        _ => 1,
    };
}

/// <summary>The evaluation exceeded its cost limit.</summary>
internal sealed class CelCostException() : Exception("operation cancelled: actual cost limit exceeded");
