using static DevCluster.Schema.Cel.CelExpression;
using static DevCluster.Schema.Cel.CelMacros;

namespace DevCluster.Schema.Cel;

/// <summary>Expands macros with one variable and macros of optionals; other calls are unchanged.</summary>
internal static class CelMacros
{
    /// <summary>Cannot occur in source text, so it does not collide with variables.</summary>
    internal const string Accumulator = "@result";

    private const string Unused = "#unused";

    public static CelExpression Expand(Call call, List<CelIssue> issues)
    {
        try
        {
            return (call.Function, call.Target, call.Arguments.Count) switch
            {
                ("has", null, 1) => Has(call),
                ("all", not null, 2) => Quantifier(call, isUniversal: true),
                ("exists", not null, 2) => Quantifier(call, isUniversal: false),
                ("exists_one", not null, 2) => ExistsOne(call),
                ("map", not null, 2 or 3) => Map(call),
                ("filter", not null, 2) => Filter(call),
                ("optMap", not null, 2) => OptionalMap(call, isFlat: false),
                ("optFlatMap", not null, 2) => OptionalMap(call, isFlat: true),
                ("sortBy", not null, 2) => SortBy(call),
                (_, not null, 3 or 4) => CelTwoVariableMacros.Expand(call),
                _ => call,
            };
        }
        catch (CelSyntaxException problem)
        {
            // Continue parsing, so that further errors are reported at the same time.
            issues.Add(problem.Issue);
            return new Literal(call.Offset, CelNull.Value);
        }
    }

    internal static string VariableName(CelExpression argument, string message)
    {
        var name = (argument as Identifier)?.Name;
        if (name is null || name.StartsWith('.'))
        {
            throw new CelSyntaxException(new CelIssue(argument.Offset, message));
        }

        return name == "__result__"
            ? throw new CelSyntaxException(
                new CelIssue(argument.Offset, "iteration variable overwrites accumulator variable"))
            : name;
    }

    internal static Identifier Result(int offset) => new(offset, Accumulator);

    internal static Call Operator(int offset, string name, params CelExpression[] operands) =>
        new(offset, name, null, operands);

    private static Select Has(Call call) =>
        call.Arguments[0] is Select { IsTest: false } select
            ? new Select(call.Offset, select.Operand, select.Field, isTest: true)
            : throw new CelSyntaxException(new CelIssue(call.Arguments[0].Offset, "invalid argument to has() macro"));

    /// <summary>Stops as soon as the result is certain; an error counts only if no element decides.</summary>
    private static Comprehension Quantifier(Call call, bool isUniversal)
    {
        var at = call.Offset;
        return new Comprehension(at)
        {
            Range = call.Target!,
            Variable = VariableName(call.Arguments[0], "argument must be a simple name"),
            Accumulator = Accumulator,
            Initial = new Literal(at, isUniversal),
            Condition = Operator(at, "@not_strictly_false", isUniversal ? Result(at) : Operator(at, "!_", Result(at))),
            Step = Operator(at, isUniversal ? "_&&_" : "_||_", Result(at), call.Arguments[1]),
            Result = Result(at),
        };
    }

    private static Comprehension ExistsOne(Call call)
    {
        var at = call.Offset;
        return new Comprehension(at)
        {
            Range = call.Target!,
            Variable = VariableName(call.Arguments[0], "argument must be a simple name"),
            Accumulator = Accumulator,
            Initial = new Literal(at, 0L),
            Condition = new Literal(at, true),
            Step = Operator(
                at, "_?_:_", call.Arguments[1], Operator(at, "_+_", Result(at), new Literal(at, 1L)), Result(at)),
            Result = Operator(at, "_==_", Result(at), new Literal(at, 1L)),
        };
    }

    private static Comprehension Map(Call call)
    {
        var transform = call.Arguments[^1];
        var step = Append(call.Offset, transform);
        return ListFold(
            call,
            call.Arguments.Count == 3
                ? Operator(call.Offset, "_?_:_", call.Arguments[1], step, Result(call.Offset))
                : step);
    }

    private static Comprehension Filter(Call call)
    {
        var at = call.Offset;
        return ListFold(call, Operator(at, "_?_:_", call.Arguments[1], Append(at, call.Arguments[0]), Result(at)));
    }

    private static Call Append(int at, CelExpression item) =>
        Operator(at, "_+_", Result(at), new CreateList(at, [item]));

    private static Comprehension ListFold(Call call, CelExpression step) => new(call.Offset)
    {
        Range = call.Target!,
        Variable = VariableName(call.Arguments[0], "argument is not an identifier"),
        Accumulator = Accumulator,
        Initial = new CreateList(call.Offset, []),
        Condition = new Literal(call.Offset, true),
        Step = step,
        Result = Result(call.Offset),
    };

    private static Call OptionalMap(Call call, bool isFlat)
    {
        var at = call.Offset;
        var name = VariableName(call.Arguments[0], $"{call.Function}() variable name must be a simple identifier");
        var mapped = Bind(at, name, new Call(at, "value", call.Target, []), call.Arguments[1]);
        return Operator(
            at,
            "_?_:_",
            new Call(at, "hasValue", call.Target, []),
            isFlat ? mapped : Operator(at, "optional.of", mapped),
            Operator(at, "optional.none"));
    }

    private static Comprehension SortBy(Call call)
    {
        const string input = "@__sortBy_input__";
        var at = call.Offset;
        var keys = Map(new Call(at, "map", new Identifier(at, input), call.Arguments));
        return Bind(at, input, call.Target!, new Call(at, "@sortByAssociatedKeys", new Identifier(at, input), [keys]));
    }

    /// <summary>Binds a variable: a comprehension over an empty range whose accumulator is the value.</summary>
    private static Comprehension Bind(int at, string name, CelExpression value, CelExpression result) => new(at)
    {
        Range = new CreateList(at, []),
        Variable = Unused,
        Accumulator = name,
        Initial = value,
        Condition = new Literal(at, false),
        Step = new Identifier(at, name),
        Result = result,
    };
}

/// <summary>Expands macros with two variables: index and element, or key and value.</summary>
internal static class CelTwoVariableMacros
{
    public static CelExpression Expand(Call call) => (call.Function, call.Arguments.Count) switch
    {
        ("all", 3) => Quantifier(call, isUniversal: true),
        ("exists", 3) => Quantifier(call, isUniversal: false),
        ("exists_one" or "existsOne", 3) => ExistsOne(call),
        ("transformList", _) =>
            Transform(
                call,
                new CreateList(call.Offset, []),
                item => Operator(call.Offset, "_+_", Result(call.Offset), new CreateList(call.Offset, [item]))),
        ("transformMap", _) =>
            Transform(
                call,
                new CreateMap(call.Offset, []),
                item => Operator(call.Offset, "cel.@mapInsert", Result(call.Offset), call.Arguments[0], item)),
        ("transformMapEntry", _) =>
            Transform(
                call,
                new CreateMap(call.Offset, []),
                item => Operator(call.Offset, "cel.@mapInsert", Result(call.Offset), item)),
        _ => call,
    };

    private static Comprehension Quantifier(Call call, bool isUniversal)
    {
        var at = call.Offset;
        return Fold(
            call,
            new Literal(at, isUniversal),
            Operator(at, "@not_strictly_false", isUniversal ? Result(at) : Operator(at, "!_", Result(at))),
            Operator(at, isUniversal ? "_&&_" : "_||_", Result(at), call.Arguments[2]),
            Result(at));
    }

    private static Comprehension ExistsOne(Call call)
    {
        var at = call.Offset;
        return Fold(
            call,
            new Literal(at, 0L),
            new Literal(at, true),
            Operator(at, "_?_:_", call.Arguments[2], Operator(at, "_+_", Result(at), new Literal(at, 1L)), Result(at)),
            Operator(at, "_==_", Result(at), new Literal(at, 1L)));
    }

    /// <summary>With four arguments, the third is a filter.</summary>
    private static Comprehension Transform(Call call, CelExpression initial, Func<CelExpression, CelExpression> add)
    {
        var at = call.Offset;
        var step = add(call.Arguments[^1]);
        var filtered = call.Arguments.Count == 4 ? Operator(at, "_?_:_", call.Arguments[2], step, Result(at)) : step;
        return Fold(call, initial, new Literal(at, true), filtered, Result(at));
    }

    private static Comprehension Fold(
        Call call, CelExpression initial, CelExpression condition, CelExpression step, CelExpression result)
    {
        var first = VariableName(call.Arguments[0], "argument must be a simple name");
        var second = VariableName(call.Arguments[1], "argument must be a simple name");
        if (first == second)
        {
            throw new CelSyntaxException(new CelIssue(call.Arguments[1].Offset, $"duplicate variable name: {first}"));
        }

        return new Comprehension(call.Offset)
        {
            Range = call.Target!,
            Variable = first,
            SecondVariable = second,
            Accumulator = Accumulator,
            Initial = initial,
            Condition = condition,
            Step = step,
            Result = result,
        };
    }
}
