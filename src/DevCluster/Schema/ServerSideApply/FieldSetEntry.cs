namespace DevCluster.Schema.ServerSideApply;

/// <param name="IsMember">The element itself belongs to the set.</param>
/// <param name="Children">What belongs to the set below the element; null for nothing, never empty.</param>
internal readonly record struct FieldSetEntry(PathElement Element, bool IsMember, FieldSet? Children);
