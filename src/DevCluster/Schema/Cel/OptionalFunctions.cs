using static DevCluster.Schema.Cel.LogicFunctions;

namespace DevCluster.Schema.Cel;

/// <summary>The library of optional values.</summary>
internal static class OptionalFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Global("optional.of", "V", "optional(V)", arguments => CelOptional.FromValue(arguments[0]));
        table.Global(
            "optional.ofNonZeroValue",
            "V",
            "optional(V)",
            arguments => IsZero(arguments[0]) ? CelOptional.None : CelOptional.FromValue(arguments[0]));
        table.Global("optional.none", "", "optional(V)", _ => CelOptional.None);
        table.Method("optional(V)", "hasValue", "", "bool", arguments => ((CelOptional)arguments[0]).HasValue);
        table.Method(
            "optional(V)",
            "value",
            "",
            "V",
            arguments => ((CelOptional)arguments[0]).Value ?? new CelError("optional.none() dereference"));

        // The evaluator implements these two, because they evaluate their argument only if needed.
        table.Method("optional(V)", "or", "optional(V)", "optional(V)", Unreachable);
        table.Method("optional(V)", "orValue", "V", "V", Unreachable);

        table.Global("_[?_]", "list(V), int", "optional(V)", arguments => Lookup(arguments[0], arguments[1]));
        table.Global("_[?_]", "optional(list(V)), int", "optional(V)", arguments => Lookup(arguments[0], arguments[1]));
        table.Global("_[?_]", "map(K, V), K", "optional(V)", arguments => Lookup(arguments[0], arguments[1]));
        table.Global("_[?_]", "optional(map(K, V)), K", "optional(V)", arguments => Lookup(arguments[0], arguments[1]));
        table.Method("list(V)", "first", "", "optional(V)", arguments => Lookup(arguments[0], 0L));
        table.Method(
            "list(V)",
            "last",
            "",
            "optional(V)",
            arguments => Lookup(arguments[0], ((CelList)arguments[0]).Count - 1L));
        table.Global("optional.unwrap", "list(optional(V))", "list(V)", Unwrap);
        table.Method("list(optional(V))", "unwrapOpt", "", "list(V)", Unwrap);
    }

    /// <summary>The element at an index or key; none if it does not exist or the container is none.</summary>
    internal static object Lookup(object container, object key) => container switch
    {
        CelOptional { HasValue: false } => CelOptional.None,
        CelOptional optional => Lookup(optional.Value!, key),
        CelList list =>
            CollectionFunctions.At(list, key) is CelError
                ? CelOptional.None
                : CelOptional.FromValue(CollectionFunctions.At(list, key)),
        CelMap map =>
            map.Find(key) switch
            {
                null =>
                CelOptional.None,
                CelError error => error, { } value => CelOptional.FromValue(value)
            },
        _ => CelError.NoSuchOverload,
    };

    private static object Unwrap(object[] arguments) =>
        new CelList(
            ((CelList)arguments[0]).OfType<CelOptional>().Where(item => item.HasValue).Select(item => item.Value!));

    private static bool IsZero(object value) => value switch
    {
        CelNull or false or 0L or 0UL or 0.0 or "" => true,
        CelOptional optional => !optional.HasValue,
        CelDuration duration => duration.Nanoseconds == 0,
        _ => CelValues.Size(value) == 0,
    };
}
