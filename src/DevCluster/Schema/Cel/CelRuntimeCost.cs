namespace DevCluster.Schema.Cel;

/// <summary>
/// What calls cost, in the units of the real API: one for a step, a tenth for a character that is looked at.
/// </summary>
internal static class CelRuntimeCost
{
    private const double PerCharacter = 0.1;
    private const double PerPatternCharacter = 0.25;

    /// <summary>What the size of the arguments tells.</summary>
    public static long Before(CelOverload overload, object[] arguments) => overload.Function switch
    {
        "startsWith" or "endsWith" => Characters(Size(arguments[1])),
        "contains" when overload.IsMethod => Characters(Size(arguments[0])) * Characters(Size(arguments[1])),
        "matches" or "find" or "findAll" =>
            Characters(Size(arguments[0]) + 1) * Math.Max(1, Ceiling(Size(arguments[1]) * PerPatternCharacter)),
        "@in" when arguments[1] is CelList list => list.Count,
        "_==_" or "_!=_" or "_<_" or "_<=_" or "_>_" or "_>=_" =>
            Characters(Math.Min(Size(arguments[0]), Size(arguments[1]))),
        "_+_" when arguments[0] is string or byte[] => Characters(Size(arguments[0]) + Size(arguments[1])),
        "isSorted" or "sum" or "max" or "min" or "indexOf" or "lastIndexOf" => Traversal(arguments[0]),
        "sort" or "@sortByAssociatedKeys" or "distinct" or "reverse" or "slice" or "flatten" => 1 + Size(arguments[0]),
        "sets.contains" or "sets.equivalent" or "sets.intersects" => 1 + (Size(arguments[0]) * Size(arguments[1])),
        "cel.@mapInsert" => 1 + Size(arguments[0]),
        "lists.range" => arguments[0] is long count ? Math.Clamp(count, 1, 1_000_000_000) : 1,
        "url" or "lowerAscii" or "upperAscii" or "substring" or "trim" or "cidr" or "isIP" or "isCIDR" or "ip"
            or "quantity" or "isQuantity" or "semver" or "isSemver" or "bytes" or "string" or "format" =>
                Characters(Size(arguments[0])),
        "replace" or "split" or "ip.isCanonical" => Characters(2 * Size(arguments[0])),
        "join" => 0,
        "check" => AuthorizerFunctions.CheckCost,
        _ => 1,
    };

    /// <summary>What only the result tells.</summary>
    public static long After(CelOverload overload, object result) => overload.Function switch
    {
        "join" => Characters(2 * Size(result)),
        "replace" or "format" => Characters(Size(result)),
        _ => 0,
    };

    private static long Size(object value) => CelValues.Size(value) ?? 1;

    private static long Characters(long size) => Ceiling(size * PerCharacter);

    private static long Ceiling(double cost) => (long)Math.Ceiling(cost);

    private static long Traversal(object value) => value switch
    {
        string or byte[] => (long)(Size(value) * PerCharacter),
        CelList list => list.Sum(Traversal),
        CelMap map => map.Keys.Sum(key => Traversal(key) + Traversal(map.Find(key)!)),
        _ => 1,
    };
}
