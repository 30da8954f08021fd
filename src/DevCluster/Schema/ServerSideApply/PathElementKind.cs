namespace DevCluster.Schema.ServerSideApply;

/// <summary>How a path element selects; the order is that of FieldsV1.</summary>
internal enum PathElementKind : byte
{
    Field,
    Key,
    Value,
    Index,
}
