namespace DevCluster.Schema.Cel;

/// <summary>Looks at fields of objects, entries of maps, and through optionals at either.</summary>
internal static class CelFields
{
    public static object Has(object operand, string field) => operand switch
    {
        CelError => operand,
        CelOptional optional => optional.HasValue ? Has(optional.Value!, field) : false,
        CelMap map => map.Find(field) is CelError error ? error : map.Find(field) is not null,
        _ => CelError.NoSuchOverload,
    };

    public static object Select(object operand, string field) => operand switch
    {
        CelError => operand,
        CelOptional { HasValue: false } => operand,
        CelOptional optional => SelectOptional(optional.Value!, field),
        CelMap map => map.Find(field) ?? CelError.NoSuchKey(field),
        _ => CelError.NoSuchOverload,
    };

    public static object SelectOptional(object operand, string field) => operand switch
    {
        CelError => operand,
        CelOptional { HasValue: false } => operand,
        CelOptional optional => SelectOptional(optional.Value!, field),
        CelMap map =>
            map.Find(field) switch
            {
                null =>
                CelOptional.None,
                CelError error => error, { } value => CelOptional.Of(value)
            },
        _ => CelError.NoSuchOverload,
    };
}
