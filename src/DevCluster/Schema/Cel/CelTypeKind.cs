namespace DevCluster.Schema.Cel;

internal enum CelTypeKind
{
    Dyn,
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List,
    Map,

    /// <summary>A value with declared fields, or one of the library's types (a URL, a quantity).</summary>
    Object,

    /// <summary>Optionals, addresses and CIDRs.</summary>
    Opaque,

    /// <summary>The type of a type.</summary>
    Type,

    /// <summary>A variable in a function's signature.</summary>
    Parameter,
}
