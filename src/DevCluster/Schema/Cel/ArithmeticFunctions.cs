namespace DevCluster.Schema.Cel;

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
