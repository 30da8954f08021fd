namespace DevCluster.Schema.Cel;

/// <summary>
/// A type as a value: what <c>type(x)</c> gives and what <c>string</c> in <c>type(x) == string</c> is.
/// </summary>
internal sealed record CelTypeValue(string Name)
{
    public static CelTypeValue Of(CelType type) => new(type.Kind switch
    {
        CelTypeKind.Null => "null_type",
        CelTypeKind.Duration => "google.protobuf.Duration",
        CelTypeKind.Timestamp => "google.protobuf.Timestamp",
        _ => type.Name,
    });

    public override string ToString() => Name;
}
