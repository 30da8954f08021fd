namespace DevCluster.Schema.Cel;

/// <summary>Kubernetes quantities.</summary>
internal static class QuantityFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Global("quantity", "string", "quantity", arguments => CelQuantity.TryParse((string)arguments[0], out var quantity)
            ? quantity
            : new CelError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"));
        table.Global("isQuantity", "string", "bool", arguments => CelQuantity.TryParse((string)arguments[0], out _));
        table.Method("quantity", "isInteger", "", "bool", arguments => ((CelQuantity)arguments[0]).IsInteger);
        table.Method("quantity", "asInteger", "", "int", arguments => ((CelQuantity)arguments[0]).Integer is { } integer ? integer : new CelError("cannot convert value to integer"));
        table.Method("quantity", "asApproximateFloat", "", "double", arguments => ((CelQuantity)arguments[0]).ApproximateFloat);
        table.Global("sign", "quantity", "int", arguments => (long)((CelQuantity)arguments[0]).Nanos.Sign);
        table.Method("quantity", "isGreaterThan", "quantity", "bool", arguments => Compare(arguments) > 0);
        table.Method("quantity", "isLessThan", "quantity", "bool", arguments => Compare(arguments) < 0);
        table.Method("quantity", "compareTo", "quantity", "int", arguments => (long)Math.Sign(Compare(arguments)));
        table.Method("quantity", "add", "quantity", "quantity", arguments => Sum((CelQuantity)arguments[0], (CelQuantity)arguments[1]));
        table.Method("quantity", "add", "int", "quantity", arguments => Sum((CelQuantity)arguments[0], CelQuantity.Of((long)arguments[1])));
        table.Method("quantity", "sub", "quantity", "quantity", arguments => Difference((CelQuantity)arguments[0], (CelQuantity)arguments[1]));
        table.Method("quantity", "sub", "int", "quantity", arguments => Difference((CelQuantity)arguments[0], CelQuantity.Of((long)arguments[1])));
    }

    private static int Compare(object[] arguments) => ((CelQuantity)arguments[0]).CompareTo((CelQuantity)arguments[1]);

    private static CelQuantity Sum(CelQuantity left, CelQuantity right) => new(left.Nanos + right.Nanos);

    private static CelQuantity Difference(CelQuantity left, CelQuantity right) => new(left.Nanos - right.Nanos);
}
