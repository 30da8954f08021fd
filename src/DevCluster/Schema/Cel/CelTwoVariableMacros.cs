using static DevCluster.Schema.Cel.CelExpression;
using static DevCluster.Schema.Cel.CelMacros;

namespace DevCluster.Schema.Cel;

/// <summary>Expands macros that name both index and element, or key and value.</summary>
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

    /// <summary>With four arguments the third is a filter.</summary>
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
