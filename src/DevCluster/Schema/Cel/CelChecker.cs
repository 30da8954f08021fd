using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>
/// Assigns a type to every node and overloads to every call, by CEL's type inference. It continues after an error, so
/// that all errors are reported at once.
/// </summary>
internal sealed class CelChecker
{
    private readonly List<CelIssue> _issues;
    private readonly CelTypeBindings _bindings = new();
    private readonly Dictionary<CelExpression, CelType> _types = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Call, IReadOnlyList<CelOverload>> _overloads = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, CelType> _variables;
    private readonly CelAggregateTypes _aggregates;
    private CelScope? _scope;

    private CelChecker(IReadOnlyDictionary<string, CelType> variables, List<CelIssue> issues)
    {
        _variables = variables;
        _issues = issues;
        _aggregates = new CelAggregateTypes(_bindings, Check, Report);
    }

    /// <summary>Checks an expression. The result is valid only if no issues were added.</summary>
    public static CelCheckedExpression Check(
        CelExpression root, IReadOnlyDictionary<string, CelType> variables, List<CelIssue> issues)
    {
        var checker = new CelChecker(variables, issues);
        checker.Check(root);
        var types = new Dictionary<CelExpression, CelType>(ReferenceEqualityComparer.Instance);
        foreach (var (expression, type) in checker._types)
        {
            types[expression] = checker._bindings.Substitute(type, freeToDyn: true);
        }

        return new CelCheckedExpression(root, types, checker._overloads, checker._used);
    }

    private CelType Check(CelExpression expression)
    {
        var type = expression switch
        {
            Literal literal => CelValues.TypeOf(literal.Value),
            Identifier identifier => CheckIdentifier(identifier),
            Select select => CheckSelect(select),
            Call { Function: "_?._" } call => CheckOptionalSelect(call),
            Call call => CheckCall(call),
            CreateList list => _aggregates.TypeOf(list),
            CreateMap map => _aggregates.TypeOf(map),
            CreateStruct message =>
                Report(message.Offset, $"undeclared reference to '{message.TypeName}' (in container '')"),
            Comprehension comprehension => CheckComprehension(comprehension),
            _ => throw new InvalidOperationException($"Unknown expression {expression.GetType().Name}"),
        };
        _types[expression] = type;
        return type;
    }

    private CelType Report(int offset, string message)
    {
        _issues.Add(new CelIssue(offset, message));
        return CelType.Error;
    }

    private CelType? Resolve(string name)
    {
        var plain = name.TrimStart('.');
        for (var scope = name == plain ? _scope : null; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == plain)
            {
                return scope.Type;
            }
        }

        return Find(plain) ?? (CelLibrary.TypeNames.TryGetValue(plain, out var type) ? CelType.TypeOf(type) : null);
    }

    /// <summary>The type of a declared variable, whose name may be qualified.</summary>
    private CelType? Find(string variable)
    {
        if (_variables.TryGetValue(variable, out var declared))
        {
            _used.Add(variable);
        }

        return declared;
    }

    private CelType CheckIdentifier(Identifier identifier) =>
        Resolve(identifier.Name)
        ?? Report(identifier.Offset, $"undeclared reference to '{identifier.Name}' (in container '')");

    private CelType CheckSelect(Select select)
    {
        if (!select.IsTest && select.QualifiedName is { } name && CelLibrary.TypeNames.TryGetValue(name, out var type))
        {
            return CelType.TypeOf(type);
        }

        if (!select.IsTest && select.QualifiedName is { } variable && Find(variable) is { } declared)
        {
            return declared;
        }

        var field = CheckField(select, select.Operand, select.Field, isOptional: false);
        return select.IsTest ? CelType.Bool : _bindings.Substitute(field, freeToDyn: false);
    }

    private CelType CheckOptionalSelect(Call call)
    {
        Check(call.Arguments[1]);
        var field = (string)((Literal)call.Arguments[1]).Value;
        _overloads[call] = [];
        return _bindings.Substitute(CheckField(call, call.Arguments[0], field, isOptional: true), freeToDyn: false);
    }

    private CelType CheckField(CelExpression at, CelExpression operand, string field, bool isOptional)
    {
        var operandType = _bindings.Substitute(Check(operand), freeToDyn: false);
        var target = operandType.IsOptional ? operandType.Parameters[0] : operandType;
        CelType result;
        switch (target.Kind)
        {
            case CelTypeKind.Map:
                result = target.Parameters[1];
                break;
            case CelTypeKind.Object:
                result = target.Fields.GetValueOrDefault(field)
                    ?? (CelNames.IsReserved(field) ? target.Fields.GetValueOrDefault($"__{field}__") : null)
                    ?? Report(at.Offset, $"undefined field '{field}'");
                break;
            case CelTypeKind.Parameter:
                _bindings.TryAssign(CelType.Dyn, target);
                result = CelType.Dyn;
                break;
            default:
                if (!target.IsDynOrError)
                {
                    Report(at.Offset, $"type '{target}' does not support field selection");
                }

                result = CelType.Dyn;
                break;
        }

        return operandType.IsOptional || isOptional ? CelType.Optional(result) : result;
    }

    private CelType CheckCall(Call call)
    {
        var arguments = call.Arguments.Select(Check).ToList();
        if (call.Target is null)
        {
            return CelLibrary.Find(call.Function.TrimStart('.')) is { } functions
                ? ResolveOverload(call, functions, arguments, isMethod: false)
                : Report(call.Offset, $"undeclared reference to '{call.Function}' (in container '')");
        }

        if (call.Target.QualifiedName is { } prefix && CelLibrary.Find($"{prefix}.{call.Function}") is { } qualified)
        {
            return ResolveOverload(call, qualified, arguments, isMethod: false);
        }

        arguments.Insert(0, Check(call.Target));
        return CelLibrary.Find(call.Function) is { } methods
            ? ResolveOverload(call, methods, arguments, isMethod: true)
            : Report(call.Offset, $"undeclared reference to '{call.Function}' (in container '')");
    }

    private CelType ResolveOverload(
        Call call, IReadOnlyList<CelOverload> overloads, List<CelType> arguments, bool isMethod)
    {
        if (call.Function is "_&&_" or "_||_")
        {
            return CheckLogical(call, overloads, arguments);
        }

        var (matching, result) = CelOverload.Resolve(overloads, arguments, isMethod, _bindings);
        if (result is null)
        {
            var shown = arguments.Select(argument => _bindings.Substitute(argument, freeToDyn: true)).ToList();
            var signature = isMethod
                ? $"{shown[0]}.({string.Join(", ", shown.Skip(1))})"
                : $"({string.Join(", ", shown)})";
            return Report(
                call.Offset, $"found no matching overload for '{overloads[0].Function}' applied to '{signature}'");
        }

        _overloads[call] = matching;
        return result;
    }

    private CelType CheckLogical(Call call, IReadOnlyList<CelOverload> overloads, List<CelType> arguments)
    {
        var isValid = true;
        for (var i = 0; i < arguments.Count; i++)
        {
            isValid &= Expect(call.Arguments[i].Offset, arguments[i], CelType.Bool);
        }

        _overloads[call] = overloads;
        return isValid ? CelType.Bool : CelType.Error;
    }

    private bool Expect(int offset, CelType actual, CelType expected)
    {
        var isValid = _bindings.TryAssign(expected, actual);
        if (!isValid)
        {
            Report(offset, $"expected type '{expected}' but found '{actual}'");
        }

        return isValid;
    }

    private CelType CheckComprehension(Comprehension fold)
    {
        var range = _bindings.Substitute(Check(fold.Range), freeToDyn: false);
        var accumulator = Check(fold.Initial);
        var outer = _scope;
        _scope = new CelScope(fold.Accumulator, accumulator, outer);
        var result = _scope;
        var (first, second) = VariableTypes(fold, range);
        _scope = new CelScope(fold.Variable, first, _scope);
        if (fold.SecondVariable is { } name)
        {
            _scope = new CelScope(name, second, _scope);
        }

        Expect(fold.Condition.Offset, Check(fold.Condition), CelType.Bool);
        Expect(fold.Step.Offset, Check(fold.Step), accumulator);
        _scope = result;
        var type = Check(fold.Result);
        _scope = outer;
        return _bindings.Substitute(type, freeToDyn: false);
    }

    private (CelType First, CelType Second) VariableTypes(Comprehension fold, CelType range)
    {
        switch (range.Kind)
        {
            case CelTypeKind.List:
                return fold.SecondVariable is null
                    ? (range.Parameters[0], CelType.Dyn)
                    : (CelType.Int, range.Parameters[0]);
            case CelTypeKind.Map:
                return (range.Parameters[0], range.Parameters[1]);
            case CelTypeKind.Dyn or CelTypeKind.Error or CelTypeKind.Parameter:
                _bindings.TryAssign(CelType.Dyn, range);
                return (CelType.Dyn, CelType.Dyn);
            default:
                Report(
                    fold.Range.Offset,
                    $"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)");
                return (CelType.Error, CelType.Error);
        }
    }
}

/// <summary>An expression that passed the type check.</summary>
/// <param name="Overloads">The overloads of every call that match the types of its arguments: a single one, unless a
/// type is dyn.</param>
/// <param name="UsedVariables">The declared variables that it uses.</param>
internal sealed record CelCheckedExpression(
    CelExpression Root,
    IReadOnlyDictionary<CelExpression, CelType> Types,
    IReadOnlyDictionary<Call, IReadOnlyList<CelOverload>> Overloads,
    IReadOnlySet<string> UsedVariables)
{
    public CelType ResultType => Types[Root];
}

/// <summary>The variable of a comprehension, and its outer scope.</summary>
internal sealed record CelScope(string Name, CelType Type, CelScope? Outer);

/// <summary>
/// Finds conversions of constants that fail, such as <c>int('x')</c>: the real API evaluates them when it compiles a
/// rule.
/// </summary>
internal static class CelConstants
{
    private static readonly HashSet<string> Conversions = new(StringComparer.Ordinal)
    {
        "bool", "bytes", "double", "dyn", "duration", "int", "string", "timestamp", "type", "uint",
    };

    /// <summary>Why the first such conversion fails; null if all succeed.</summary>
    public static string? FindProblem(CelCheckedExpression expression) => expression.Overloads.Keys
        .Where(call => call is { Target: null, Arguments: [Literal] } && Conversions.Contains(call.Function))
        .OrderBy(call => call.Offset)
        .Select(call => Evaluate(expression, call))
        .OfType<CelError>()
        .FirstOrDefault()?.Message;

    private static object? Evaluate(CelCheckedExpression expression, Call call)
    {
        object[] arguments = [((Literal)call.Arguments[0]).Value];
        return expression.Overloads[call].FirstOrDefault(overload => overload.Accepts(arguments))?.Apply(arguments);
    }
}
