namespace DevCluster.Schema.Cel;

/// <summary>
/// All functions and type names that expressions can use: standard CEL and the Kubernetes libraries as of 1.34.
/// </summary>
internal static class CelLibrary
{
    private static readonly CelFunctionTable Functions = Build();

    /// <summary>Types that can be named, as in <c>type(x) == string</c>.</summary>
    public static IReadOnlyDictionary<string, CelType> TypeNames { get; } = new Dictionary<string, CelType>(
        StringComparer.Ordinal)
    {
        ["bool"] = CelType.Bool,
        ["int"] = CelType.Int,
        ["uint"] = CelType.Uint,
        ["double"] = CelType.Double,
        ["string"] = CelType.String,
        ["bytes"] = CelType.Bytes,
        ["list"] = CelType.List(CelType.Dyn),
        ["map"] = CelType.Map(CelType.Dyn, CelType.Dyn),
        ["null_type"] = CelType.Null,
        ["type"] = CelType.TypeOf(CelType.Dyn),
        ["optional_type"] = CelType.Optional(CelType.Dyn),
        ["google.protobuf.Duration"] = CelType.Duration,
        ["google.protobuf.Timestamp"] = CelType.Timestamp,
        ["net.IP"] = CelType.Ip,
        ["net.CIDR"] = CelType.Cidr,
    };

    public static IReadOnlyList<CelOverload>? Find(string function) => Functions.Find(function);

    private static CelFunctionTable Build()
    {
        var table = new CelFunctionTable();
        LogicFunctions.AddTo(table);
        ArithmeticFunctions.AddTo(table);
        CollectionFunctions.AddTo(table);
        ConversionFunctions.AddTo(table);
        TimeFunctions.AddTo(table);
        StringFunctions.AddTo(table);
        ListFunctions.AddTo(table);
        OptionalFunctions.AddTo(table);
        RegexFunctions.AddTo(table);
        UrlFunctions.AddTo(table);
        AddressFunctions.AddTo(table);
        QuantityFunctions.AddTo(table);
        SemverFunctions.AddTo(table);
        FormatFunctions.AddTo(table);
        AuthorizerFunctions.AddTo(table);
        return table;
    }
}
