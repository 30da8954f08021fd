namespace DevCluster.Schema.ServerSideApply;

/// <summary>How a value takes part in merging.</summary>
internal enum Shape
{
    /// <summary>Owned and replaced as one: scalars, and what the schema calls atomic.</summary>
    Leaf,

    /// <summary>An object whose fields are owned one by one.</summary>
    Map,

    /// <summary>A list whose items are matched by key, or by value where there are no keys.</summary>
    AssociativeList,
}
