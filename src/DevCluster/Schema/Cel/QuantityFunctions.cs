using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Cel;

/// <summary>Kubernetes quantities.</summary>
internal static class QuantityFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Global("quantity", "string", "quantity", arguments =>
            Quantity.Problem((string)arguments[0], out var quantity) is { } problem ? new CelError(problem) : quantity);
        table.Global("isQuantity", "string", "bool", arguments => Quantity.TryParse((string)arguments[0], out _));
        table.Method("quantity", "isInteger", "", "bool", arguments => ((Quantity)arguments[0]).Integer is not null);
        table.Method(
            "quantity",
            "asInteger",
            "",
            "int",
            arguments => ((Quantity)arguments[0]).Integer is { } integer
                ? integer
                : new CelError("cannot convert value to integer"));
        table.Method(
            "quantity", "asApproximateFloat", "", "double", arguments => ((Quantity)arguments[0]).ApproximateFloat);
        table.Global("sign", "quantity", "int", arguments => (long)((Quantity)arguments[0]).Nanos.Sign);
        table.Method("quantity", "isGreaterThan", "quantity", "bool", arguments => Compare(arguments) > 0);
        table.Method("quantity", "isLessThan", "quantity", "bool", arguments => Compare(arguments) < 0);
        table.Method("quantity", "compareTo", "quantity", "int", arguments => (long)Math.Sign(Compare(arguments)));
        table.Method(
            "quantity", "add", "quantity", "quantity", arguments => (Quantity)arguments[0] + (Quantity)arguments[1]);
        table.Method(
            "quantity",
            "add",
            "int",
            "quantity",
            arguments => (Quantity)arguments[0] + Quantity.FromInteger((long)arguments[1]));
        table.Method(
            "quantity", "sub", "quantity", "quantity", arguments => (Quantity)arguments[0] - (Quantity)arguments[1]);
        table.Method(
            "quantity",
            "sub",
            "int",
            "quantity",
            arguments => (Quantity)arguments[0] - Quantity.FromInteger((long)arguments[1]));
    }

    private static int Compare(object[] arguments) => ((Quantity)arguments[0]).CompareTo((Quantity)arguments[1]);
}
