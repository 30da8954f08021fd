namespace DevCluster.Schema.Cel;

/// <summary>Boolean operators, equality and order.</summary>
internal static class LogicFunctions
{
    private static readonly string[] Numbers = ["int", "uint", "double"];

    public static void AddTo(CelFunctionTable table)
    {
        // The evaluator implements these, because they may skip operands; the signatures are for the checker.
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

/// <summary>Arithmetic. Overflow and division by zero are errors.</summary>
internal static class ArithmeticFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        AddIntegers(table);
        AddUnsigned(table);
        AddDoubles(table);
        AddTimes(table);
        table.Global("_+_", "string, string", "string", arguments => (string)arguments[0] + (string)arguments[1]);
        table.Global(
            "_+_", "bytes, bytes", "bytes", arguments => (byte[])[.. (byte[])arguments[0], .. (byte[])arguments[1]]);
        table.Global(
            "_+_", "list(A), list(A)", "list(A)", arguments => ((CelList)arguments[0]).Concat((CelList)arguments[1]));
    }

    /// <summary>Runs checked arithmetic; an overflow becomes an error value.</summary>
    internal static object Checked(Func<object> compute, CelError overflow)
    {
        try
        {
            return compute();
        }
        catch (OverflowException)
        {
            return overflow;
        }
    }

    private static void AddIntegers(CelFunctionTable table)
    {
        void Operator(string name, Func<long, long, object> apply) => table.Global(
            name,
            "int, int",
            "int",
            arguments => Checked(() => apply((long)arguments[0], (long)arguments[1]), CelError.IntegerOverflow));

        Operator("_+_", (a, b) => checked(a + b));
        Operator("_-_", (a, b) => checked(a - b));
        Operator("_*_", (a, b) => checked(a * b));
        Operator("_/_", (a, b) => b == 0 ? new CelError("division by zero") : b == -1 ? checked(-a) : a / b);
        Operator(
            "_%_",
            (a, b) => b == 0
                ? new CelError("modulus by zero")
                : b == -1 ? (a == long.MinValue ? CelError.IntegerOverflow : 0L) : a % b);
        table.Global(
            "-_", "int", "int", arguments => Checked(() => checked(-(long)arguments[0]), CelError.IntegerOverflow));
    }

    private static void AddUnsigned(CelFunctionTable table)
    {
        void Operator(string name, Func<ulong, ulong, object> apply) => table.Global(
            name,
            "uint, uint",
            "uint",
            arguments => Checked(() => apply((ulong)arguments[0], (ulong)arguments[1]), CelError.UnsignedOverflow));

        Operator("_+_", (a, b) => checked(a + b));
        Operator("_-_", (a, b) => checked(a - b));
        Operator("_*_", (a, b) => checked(a * b));
        Operator("_/_", (a, b) => b == 0 ? new CelError("division by zero") : a / b);
        Operator("_%_", (a, b) => b == 0 ? new CelError("modulus by zero") : a % b);
    }

    private static void AddDoubles(CelFunctionTable table)
    {
        void Operator(string name, Func<double, double, double> apply) =>
            table.Global(
                name, "double, double", "double", arguments => apply((double)arguments[0], (double)arguments[1]));

        Operator("_+_", (a, b) => a + b);
        Operator("_-_", (a, b) => a - b);
        Operator("_*_", (a, b) => a * b);
        Operator("_/_", (a, b) => a / b);
        table.Global("-_", "double", "double", arguments => -(double)arguments[0]);
    }

    private static void AddTimes(CelFunctionTable table)
    {
        table.Global(
            "_+_",
            "duration, duration",
            "duration",
            arguments => Sum((CelDuration)arguments[0], (CelDuration)arguments[1], 1));
        table.Global(
            "_-_",
            "duration, duration",
            "duration",
            arguments => Sum((CelDuration)arguments[0], (CelDuration)arguments[1], -1));
        table.Global(
            "_+_",
            "timestamp, duration",
            "timestamp",
            arguments => Move((DateTimeOffset)arguments[0], (CelDuration)arguments[1], 1));
        table.Global(
            "_+_",
            "duration, timestamp",
            "timestamp",
            arguments => Move((DateTimeOffset)arguments[1], (CelDuration)arguments[0], 1));
        table.Global(
            "_-_",
            "timestamp, duration",
            "timestamp",
            arguments => Move((DateTimeOffset)arguments[0], (CelDuration)arguments[1], -1));
        table.Global("_-_", "timestamp, timestamp", "duration", arguments => Checked(
            () => new CelDuration(checked(((DateTimeOffset)arguments[0] - (DateTimeOffset)arguments[1]).Ticks * 100)),
            CelError.DurationOverflow));
    }

    private static object Sum(CelDuration left, CelDuration right, int sign) =>
        Checked(
            () => new CelDuration(checked(left.Nanoseconds + (sign * right.Nanoseconds))), CelError.DurationOverflow);

    private static object Move(DateTimeOffset time, CelDuration by, int sign)
    {
        try
        {
            return time.AddTicks(sign * by.Nanoseconds / 100);
        }
        catch (ArgumentOutOfRangeException)
        {
            return CelError.TimestampOverflow;
        }
    }
}
