namespace DevCluster.Schema.Cel;

/// <summary>Boolean operators, equality and order.</summary>
internal static class LogicFunctions
{
    private static readonly string[] Numbers = ["int", "uint", "double"];

    public static void AddTo(CelFunctionTable table)
    {
        // The evaluator does these itself, because they do not evaluate all their operands; the signatures are for the
        // checker.
        table.Global("_&&_", "bool, bool", "bool", Unreachable);
        table.Global("_||_", "bool, bool", "bool", Unreachable);
        table.Global("_?_:_", "bool, A, A", "A", Unreachable);
        table.Global("@not_strictly_false", "bool", "bool", Unreachable);

        table.Global("!_", "bool", "bool", arguments => !(bool)arguments[0]);
        table.Global("_==_", "A, A", "bool", arguments => CelValues.AreEqual(arguments[0], arguments[1]));
        table.Global("_!=_", "A, A", "bool", arguments => !CelValues.AreEqual(arguments[0], arguments[1]));
        AddOrder(table, "_<_", order => order < 0);
        AddOrder(table, "_<=_", order => order <= 0);
        AddOrder(table, "_>_", order => order > 0);
        AddOrder(table, "_>=_", order => order >= 0);
    }

    private static void AddOrder(CelFunctionTable table, string function, Func<int, bool> holds)
    {
        object Apply(object[] arguments) => CelValues.Compare(arguments[0], arguments[1]) is { } order && holds(order);
        foreach (var type in new[] { "bool", "string", "bytes", "timestamp", "duration" })
        {
            table.Global(function, $"{type}, {type}", "bool", Apply);
        }

        foreach (var left in Numbers)
        {
            foreach (var right in Numbers)
            {
                table.Global(function, $"{left}, {right}", "bool", Apply);
            }
        }
    }

    internal static object Unreachable(object[] arguments) =>
        throw new InvalidOperationException("Evaluated by the evaluator itself");
}
