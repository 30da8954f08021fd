using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>
/// Finds conversions of constants that fail, such as <c>int('x')</c>: the real API tries them when a rule is compiled.
/// </summary>
internal static class CelConstants
{
    private static readonly HashSet<string> Conversions = new(StringComparer.Ordinal)
    {
        "bool", "bytes", "double", "dyn", "duration", "int", "string", "timestamp", "type", "uint",
    };

    /// <summary>Why the first such conversion fails, null when all succeed.</summary>
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
